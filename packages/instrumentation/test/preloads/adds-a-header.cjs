/** Sends something of its own to the provider. */
require('./patch.cjs').patch(
  (original) =>
    function (params, options) {
      return original.call(this, params, { ...options, headers: { ...options?.headers, baggage: 'feature=search' } });
    },
);
