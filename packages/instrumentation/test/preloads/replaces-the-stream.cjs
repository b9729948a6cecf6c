/** Hands out an async generator where the app expects a Stream. */
require('./patch.cjs').patch(
  (original) =>
    function (...args) {
      const promise = original.apply(this, args);
      if (!args[0]?.stream) return promise;
      return promise._thenUnwrap(async function* (stream) {
        yield* stream;
      });
    },
);
