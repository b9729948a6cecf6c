/** Asks for the usage of a stream and leaves the extra chunk to the app. */
require('./patch.cjs').patch(
  (original) =>
    function (params, ...rest) {
      if (!params?.stream) return original.call(this, params, ...rest);
      const stream_options = { include_usage: true, ...params.stream_options };
      return original.call(this, { ...params, stream_options }, ...rest);
    },
);
