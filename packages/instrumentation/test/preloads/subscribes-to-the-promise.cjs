/** Awaits the SDK's promise behind the app's back: the body is read before the app can parse it. */
require('./patch.cjs').patch(
  (original) =>
    function (...args) {
      const promise = original.apply(this, args);
      promise.then(
        () => {},
        () => {},
      );
      return promise;
    },
);
