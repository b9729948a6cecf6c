/** Watches the app's own promise: an error that nobody handles is then never reported. */
require('./patch.cjs').patch(
  (original) =>
    function chat(params) {
      const promise = original.call(this, params);
      promise.catch(() => {});
      return promise;
    },
);
