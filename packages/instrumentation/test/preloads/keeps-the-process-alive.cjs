/** A timer that was not unref'd. */
setInterval(() => {}, 1000);
