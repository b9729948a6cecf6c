/** Returns a derived APIPromise and watches the HTTP failure: an error that nobody handles is then never reported. */
require('./patch.cjs').patch(
  (original) =>
    function (...args) {
      const derived = original.apply(this, args)._thenUnwrap((data) => data);
      derived.responsePromise.catch(() => {});
      return derived;
    },
);
