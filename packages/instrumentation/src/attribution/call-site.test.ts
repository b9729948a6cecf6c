import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CAPTURES_PER_SECOND } from './call-site.ts';

// Call sites are about the app's own files, so each test is an app: a folder with an SDK in its node_modules.
const subject = new URL('./call-site.ts', import.meta.url);
let app = '';

const write = (name: string, ...lines: readonly string[]): void => {
  const path = join(app, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, lines.join('\n'));
};

/** The lines that the app prints. */
const run = (...args: readonly string[]): string[] => {
  const out = execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], { cwd: app });
  return out.toString().trimEnd().split('\n');
};

beforeAll(() => {
  app = realpathSync(mkdtempSync(join(tmpdir(), 'tokenmeter-sites-')));
  write(
    'node_modules/sdk/index.mjs',
    `import { callSite } from ${JSON.stringify(subject.href)};`,
    'export const create = () => callSite();',
    'export const later = async () => { await null; await null; return create(); };',
  );
  write('node_modules/sdk/index.cjs', `exports.create = require(${JSON.stringify(subject.pathname)}).callSite;`);
});
afterAll(() => rmSync(app, { recursive: true }));

it('is the line of the app that calls the SDK, in ES modules', () => {
  write(
    'src/app.mjs',
    "import { create, later } from '../node_modules/sdk/index.mjs';",
    'const helper = () => create();',
    'console.log(create());',
    'console.log(helper());',
    'console.log([1].map(() => create())[0]);',
    'const awaiting = async () => {',
    '  const site = await later();',
    '  return site;',
    '};',
    'console.log(await awaiting());',
  );
  expect(run('src/app.mjs')).toEqual(['src/app.mjs:3', 'src/app.mjs:2', 'src/app.mjs:5', 'src/app.mjs:7']);
});

it('is found in CommonJS, relative to the working directory, and in worker threads', () => {
  write(
    'lib/my app.cjs',
    "const { create } = require('../node_modules/sdk/index.cjs');",
    "const { Worker, isMainThread } = require('node:worker_threads');",
    'console.log(create());',
    'if (isMainThread) new Worker(__filename);',
  );
  expect(run('lib/my app.cjs')).toEqual(['lib/my app.cjs:3', 'lib/my app.cjs:3']);
});

it('leaves the stack traces of the app as they are', () => {
  write(
    'own-stacks.mjs',
    "import { create } from './node_modules/sdk/index.mjs';",
    "const mine = (error) => 'mine: ' + error.message;",
    'Error.prepareStackTrace = mine;',
    'Error.stackTraceLimit = 3;',
    'console.log(create());',
    "console.log(Error.prepareStackTrace === mine, Error.stackTraceLimit, new Error('e').stack);",
    'Object.freeze(Error);',
    'console.log(create());',
  );
  expect(run('own-stacks.mjs')).toEqual(['own-stacks.mjs:5', 'true 3 mine: e', 'undefined']);
});

it('is the source`s line where source maps are enabled', () => {
  // VLQ: generated line 2 maps to line 8 of the source ("O" is +7), column 0 on.
  const map = { version: 3, sources: ['../src/chat.ts'], names: [], mappings: ';AAOA' };
  const encoded = Buffer.from(JSON.stringify(map)).toString('base64');
  write(
    'dist/chat.mjs',
    "import { create } from '../node_modules/sdk/index.mjs';",
    'console.log(create());',
    `//# sourceMappingURL=data:application/json;base64,${encoded}`,
  );
  expect(run('--enable-source-maps', 'dist/chat.mjs')).toEqual(['src/chat.ts:8']);
  expect(run('dist/chat.mjs')).toEqual(['dist/chat.mjs:2']);
});

it('is not captured more often than its rate', () => {
  write(
    'flood.mjs',
    "import { create } from './node_modules/sdk/index.mjs';",
    'const second = () => Math.floor(Date.now() / 1000);',
    'const start = second();',
    'const sites = Array.from({ length: 5000 }, () => create());',
    'console.log(sites.filter(Boolean).length / (second() - start + 1), new Set(sites).size);',
  );
  const [perSecond, distinct] = run('flood.mjs')[0]?.split(' ').map(Number) ?? [];
  expect(perSecond).toBeLessThanOrEqual(CAPTURES_PER_SECOND);
  expect(perSecond).toBeGreaterThan(CAPTURES_PER_SECOND / 3);
  expect(distinct).toBe(2);
});
