/** Lets the request leave later than the app sent it. */
require('./patch.cjs').patch(
  (original) =>
    function (...args) {
      const held = this._client.fetchWithTimeout;
      this._client.fetchWithTimeout = async function (...inner) {
        await null;
        return held.apply(this, inner);
      };
      try {
        return original.apply(this, args);
      } finally {
        setImmediate(() => delete this._client.fetchWithTimeout);
      }
    },
);
