/** Puts something of its own into the request. */
require('./patch.cjs').patch(
  'generateContentInternal',
  (original) =>
    function (params, ...rest) {
      return original.call(this, { ...params, config: { ...params.config, labels: { traced: 'yes' } } }, ...rest);
    },
);
