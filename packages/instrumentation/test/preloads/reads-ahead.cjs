/** Keeps one chunk in hand: asks for the next before the app does. */
require('./patch.cjs').patch(
  (original) =>
    function (...args) {
      const promise = original.apply(this, args);
      if (!args[0]?.stream) return promise;
      return promise._thenUnwrap((stream) => {
        const iterate = stream.iterator;
        stream.iterator = async function* () {
          const inner = iterate();
          let ahead = inner.next();
          for (;;) {
            const { value, done } = await ahead;
            if (done) return;
            ahead = inner.next();
            yield value;
          }
        };
        return stream;
      });
    },
);
