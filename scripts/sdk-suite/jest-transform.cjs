/** The checkout's own transform of jest, of the SDK's sources as they are when patched. */
const { createRequire } = require('node:module');
const { join } = require('node:path');
const { patched } = require('./patched.cjs');

const swc = createRequire(join(process.cwd(), 'package.json'))('@swc/jest');

exports.createTransformer = (options) => {
  const { process, getCacheKey } = swc.createTransformer(options);
  return {
    canInstrument: false,
    process: (text, file, ...rest) => process(patched(text, file), file, ...rest),
    getCacheKey: (text, file, ...rest) => getCacheKey(patched(text, file), file, ...rest),
  };
};
