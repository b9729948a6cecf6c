/** Hands out chunks without handing on that the app leaves. */
require('./patch.cjs').patch(
  'generateContentStreamInternal',
  (original) =>
    async function (...args) {
      const stream = await original.apply(this, args);
      const next = () => stream.next();
      return { next, [Symbol.asyncIterator]: () => ({ next }) };
    },
);
