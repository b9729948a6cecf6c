'use strict';

/** Writes into the object that the app passed. */
require('./patch.cjs').patch(
  (original) =>
    function (params, ...rest) {
      if (params?.stream) params.stream_options = { ...params.stream_options, include_usage: true };
      return original.call(this, params, ...rest);
    },
);
