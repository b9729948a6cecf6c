/**
 * The SDK's sources as they are when its own modules patch what they export: so the SDK is patched whenever a test loads
 * it, after the test's own mocks, and again where a test loads it again.
 */
const { basename } = require('node:path');

/**
 * The client, and the sockets that it does not lead to: in the checkout's own sources, or as they were built for the
 * packages beside the SDK, whose clients are of its classes.
 */
const MODULES =
  /(?<![\\/]packages[\\/][^\\/]+)[\\/](?:src|dist)[\\/](?:client|(?:beta[\\/])?realtime[\\/](?:ws|websocket)|resources[\\/](?:beta[\\/])?responses[\\/]ws)\.(?:ts|js)$/;

const PATCH = JSON.stringify(require.resolve('./patch.cjs'));

/** The text of a source file, with a line more where it is one of those modules. */
exports.patched = (text, file) => {
  if (!MODULES.test(file)) return text;
  if (file.endsWith('.js')) return `${text}\nrequire(${PATCH})(module.exports);\n`;
  const itself = JSON.stringify(`./${basename(file, '.ts')}`);
  return (
    `${text}\nimport { createRequire as tokenmeterRequire } from 'node:module';import * as tokenmeterOwn from ${itself};` +
    `tokenmeterRequire(${PATCH})(${PATCH})(tokenmeterOwn);\n`
  );
};
