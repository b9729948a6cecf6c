/** Watches the app's own promise: an error that nobody handles is then never reported. */
require('./patch.cjs').patch(
  'generateContent',
  (original) =>
    function (...args) {
      const promise = original.apply(this, args);
      promise.catch(() => {});
      return promise;
    },
);
