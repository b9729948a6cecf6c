/** Does something asynchronous before the SDK may go on. */
require('./patch.cjs').patch(
  'generateContentInternal',
  (original) =>
    async function (...args) {
      await null;
      return original.apply(this, args);
    },
);
