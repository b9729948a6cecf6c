/** Returns a promise of its own. */
require('./patch.cjs').patch(
  (original) =>
    function (...args) {
      return original.apply(this, args).then((value) => value);
    },
);
