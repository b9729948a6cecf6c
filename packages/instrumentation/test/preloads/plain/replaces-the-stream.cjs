/** Hands over a generator of its own: what else the stream can do is gone. */
require('./patch.cjs').patch(
  (original) =>
    async function chat(params) {
      const answer = await original.call(this, params);
      if (!answer[Symbol.asyncIterator]) return answer;
      return (async function* () {
        yield* answer;
      })();
    },
);
