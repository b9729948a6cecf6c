/** Splits the stream and drains one half: everything is read, also after the app has left. */
require('./patch.cjs').patch(
  (original) =>
    function (...args) {
      const promise = original.apply(this, args);
      if (!args[0]?.stream) return promise;
      return promise._thenUnwrap((stream) => {
        const [ours, theirs] = stream.tee();
        void (async () => {
          for await (const _ of ours);
        })();
        return theirs;
      });
    },
);
