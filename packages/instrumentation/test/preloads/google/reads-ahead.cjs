/** Keeps one chunk in hand: asks for the next before the app does. */
require('./patch.cjs').patch(
  'generateContentStreamInternal',
  (original) =>
    async function (...args) {
      const stream = await original.apply(this, args);
      return (async function* () {
        let ahead = stream.next();
        for (;;) {
          const { value, done } = await ahead;
          if (done) return;
          ahead = stream.next();
          yield value;
        }
      })();
    },
);
