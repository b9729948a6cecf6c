/** Attaches a handler to the HTTP promise alone. */
require('./patch.cjs').patch(
  (original) =>
    function (...args) {
      const promise = original.apply(this, args);
      promise.responsePromise.catch(() => {});
      return promise;
    },
);
