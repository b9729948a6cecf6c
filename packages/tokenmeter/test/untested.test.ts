/** SDKs in versions that nobody has tried yet: the import works, what can be seen is counted, and people are told. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type FakeProvider, startFakeProvider } from '@tokenmeter/fake-provider';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { AppFolder, client, IMPORT, type OtlpSink, otlp, REQUIRE, runNode, startOtlpSink } from './harness.ts';
import { ROOT } from './packed-project.ts';

const INSTALLED = join(ROOT, 'node_modules');

/** Packages of the future: the first is today's SDK under another version, the second has none of the classes that we know. */
const PACKAGES = {
  openai: { version: '99.1.0', main: `module.exports = require(${JSON.stringify(join(INSTALLED, 'openai'))});` },
  '@anthropic-ai/sdk': { version: '98.0.0', main: `exports.default = exports.Client = class Client {};` },
};

let nodeModules: string;
let provider: FakeProvider;
let sink: OtlpSink;
let app: AppFolder;

beforeAll(async () => {
  provider = await startFakeProvider();
  nodeModules = join(mkdtempSync(join(tmpdir(), 'tokenmeter-future-')), 'node_modules');
  mkdirSync(nodeModules);
  for (const name of ['tokenmeter', '@opentelemetry']) {
    symlinkSync(join(INSTALLED, name), join(nodeModules, name), 'junction');
  }
  for (const [name, { version, main }] of Object.entries(PACKAGES)) {
    const folder = join(nodeModules, name);
    mkdirSync(dirname(folder), { recursive: true });
    mkdirSync(folder);
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version }));
    writeFileSync(join(folder, 'index.js'), main);
  }
});
afterAll(async () => {
  await provider?.close();
  rmSync(dirname(nodeModules), { recursive: true, force: true });
});
beforeEach(async () => {
  sink = await startOtlpSink();
});
afterEach(async () => {
  await sink.close();
  app.remove();
});

const OPENAI = /^tokenmeter: openai 99\.1\.0 is outside the tested range \d\S+ to \d\S+: its calls are recorded .*$/;
const ANTHROPIC =
  /^tokenmeter: @anthropic-ai\/sdk 98\.0\.0 is outside the tested range \d\S+ to \d\S+: its calls are not seen\..*$/;

test('each is named once, with its range, and counted, however late it is loaded; calls are recorded as far as they go', async () => {
  app = new AppFolder(
    {
      'app.cjs': `${client(provider)}
        call().then(() => { require('@anthropic-ai/sdk'); return import('@anthropic-ai/sdk'); }).then(() => call());`,
    },
    nodeModules,
  );
  const { code, stdout, stderr } = await runNode(app, [...REQUIRE, 'app.cjs'], otlp(sink));
  expect({ code, stdout, stderr }).toMatchObject({ code: 0, stdout: '' });
  const lines = stderr.trim().split('\n');
  expect(lines).toEqual([expect.stringMatching(OPENAI), expect.stringMatching(ANTHROPIC)]);
  expect(sink.calls()).toHaveLength(2);
  expect(sink.lastSum('tokenmeter.calls')).toBe(2);
  expect(sink.lastSum('tokenmeter.sdk.untested')).toBe(2);
});

test('one whose calls are not seen is counted although there is no call', async () => {
  app = new AppFolder(
    { 'app.mjs': `import { Client } from '@anthropic-ai/sdk'; console.log(Client.name);` },
    nodeModules,
  );
  const { code, stdout, stderr } = await runNode(app, [...IMPORT, 'app.mjs'], otlp(sink));
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'Client\n' });
  expect(stderr.trim()).toMatch(ANTHROPIC);
  expect(sink.lastSum('tokenmeter.sdk.untested')).toBe(1);
  expect(app.ledger()).toEqual([]);
});
