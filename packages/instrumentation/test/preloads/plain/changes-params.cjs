/** Asks for more on the app's own object. */
require('./patch.cjs').patch(
  (original) =>
    function chat(params) {
      params.keep_alive = 60;
      return original.call(this, params);
    },
);
