/** The small npm projects that hold the SDKs and the peers: what runs in one is loaded from its own node_modules. */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../', import.meta.url);

/** `require` as a file in `bench/projects/<name>` has it. */
export function requireFrom(name) {
  return createRequire(new URL(`bench/projects/${name}/package.json`, ROOT));
}

/** Absolute path of a file of the repository. */
export function pathOf(file) {
  return fileURLToPath(new URL(file, ROOT));
}

/** `require` as a workspace package has it: what the packages' builds are loaded with. */
export const requireOurs = createRequire(new URL('packages/tokenmeter/package.json', ROOT));

/** `require` as a file in `packages/instrumentation/sdks/<name>` has it: the SDK versions that the tests use. */
export function requireSdk(name) {
  return createRequire(new URL(`packages/instrumentation/sdks/${name}/package.json`, ROOT));
}
