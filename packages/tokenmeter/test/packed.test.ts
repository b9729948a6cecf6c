/**
 * What a user gets: the packed tarballs, installed into an empty project. Every package is packed as it would be
 * published, and every process is started as the README says.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FakeProvider, startFakeProvider } from '@tokenmeter/fake-provider';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installPacked, type PackedProject, ROOT } from './packed-project.ts';

const SDKS = ['openai@7.57.0', '@anthropic-ai/sdk@1.14.0', '@opentelemetry/api@1.10.0'];
const RUNNERS = ['jest@30.5.2', 'vitest@5.1.1'];

let installed: PackedProject;
let project: string;
let provider: FakeProvider;

beforeAll(async () => {
  provider = await startFakeProvider();
  installed = installPacked([...SDKS, ...RUNNERS]);
  project = installed.path;
}, 300_000);

afterAll(async () => {
  await provider?.close();
  installed?.remove();
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A file in a folder of its own below the project, and a process in that folder. */
async function run(folder: string, files: Record<string, string>, args: string[]): Promise<Ended> {
  const cwd = join(project, folder);
  mkdirSync(cwd, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(cwd, name), content);
  const env: Record<string, string | undefined> = {
    ...process.env,
    OPENAI_API_KEY: 'test',
    OPENAI_BASE_URL: provider.openaiBaseUrl,
    ANTHROPIC_API_KEY: 'test',
    ANTHROPIC_BASE_URL: provider.anthropicBaseUrl,
    NO_COLOR: '1',
  };
  // The test runner's own marks are none of the app's business.
  for (const name of Object.keys(env)) if (/^(VITEST|NODE_ENV|FORCE_COLOR)/.test(name)) delete env[name];
  const child = spawn(process.execPath, args, { cwd, env });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, out, err };
}

const bin = (): string => join(project, 'node_modules', 'tokenmeter', 'dist', 'cli.mjs');

async function report(folder: string): Promise<{ feature: string; calls: string; line: string }[]> {
  const { code, out, err } = await run(folder, {}, [bin(), 'report', '--csv']);
  expect({ code, err }).toMatchObject({ code: 0 });
  const [header, ...lines] = out.trim().split(/\r?\n/);
  expect(header).toMatch(/^feature,calls,input_tokens,output_tokens,estimated_cost_usd/);
  return lines.map((line) => ({ feature: line.split(',')[0] ?? '', calls: line.split(',')[1] ?? '', line }));
}

const CALLS = `
  const openai = new OpenAI();
  const anthropic = new Anthropic();
  const messages = [{ role: 'user', content: 'hello' }];
  await withFeature('search', () => openai.chat.completions.create({ model: 'gpt-4o-mini', messages }));
  await withFeature('writer', () => anthropic.messages.create({ model: 'claude-haiku-4-5', max_tokens: 99, messages }));
  await openai.chat.completions.create({ model: 'gpt-4o-mini', messages });
`;

const COMMONJS = `
const OpenAI = require('openai');
const Anthropic = require('@anthropic-ai/sdk');
const { withFeature } = require('tokenmeter');
(async () => {${CALLS}})();
`;

const MODULE = `
import OpenAI from 'openai';
import Anthropic from '@anthropic-ai/sdk';
import { withFeature } from 'tokenmeter';
${CALLS}
`;

test.each([
  ['CommonJS by --require', 'app.cjs', COMMONJS, '--require'],
  ['ES modules by --require', 'app.mjs', MODULE, '--require'],
  ['CommonJS by --import', 'app.cjs', COMMONJS, '--import'],
  ['ES modules by --import', 'app.mjs', MODULE, '--import'],
])('%s: every call is in the report, by feature', async (name, file, source, flag) => {
  const folder = name.replaceAll(' ', '-');
  const app = await run(folder, { [file]: source }, [flag, 'tokenmeter/register', file]);
  expect(app).toMatchObject({ code: 0, out: '' });
  const rows = await report(folder);
  expect(Object.fromEntries(rows.map((row) => [row.feature, row.calls]))).toEqual({
    search: '1',
    writer: '1',
    untagged: '1',
  });
});

test('tokenmeter without arguments is the report', async () => {
  const { code, out } = await run('CommonJS-by---require', {}, [bin()]);
  expect(code).toBe(0);
  for (const feature of ['search', 'writer', 'untagged']) expect(out).toContain(feature);
});

test('a process that loads both builds counts each call once', async () => {
  const source = `
import { createRequire } from 'node:module';
import OpenAI from 'openai';
import { withFeature } from 'tokenmeter';
const require = createRequire(import.meta.url);
const both = require('tokenmeter');
const Other = require('openai');
if (both.withFeature === withFeature) throw new Error('the two builds are one');
const messages = [{ role: 'user', content: 'hello' }];
await both.withFeature('outer', () => new OpenAI().chat.completions.create({ model: 'gpt-4o-mini', messages }));
await withFeature('inner', () => new Other().chat.completions.create({ model: 'gpt-4o-mini', messages }));
`;
  const app = await run('both', { 'app.mjs': source }, ['--import', 'tokenmeter/register', 'app.mjs']);
  expect(app).toMatchObject({ code: 0 });
  const rows = await report('both');
  expect(rows.map(({ feature, calls }) => [feature, calls]).sort()).toEqual([
    ['inner', '1'],
    ['outer', '1'],
  ]);
});

test('an app that imports withFeature is tested by Jest, in CommonJS', async () => {
  const source = `
const { withFeature } = require('tokenmeter');
test('runs', async () => expect(await withFeature('f', async () => 42)).toBe(42));
`;
  const jest = join(project, 'node_modules', 'jest', 'bin', 'jest.js');
  const { code, err } = await run('jest', { 'app.test.js': source, 'package.json': '{}' }, [jest, '--rootDir', '.']);
  expect({ code, err }).toMatchObject({ code: 0 });
  expect(err).toContain('1 passed');
});

test('an app that imports withFeature is tested by vitest', async () => {
  const source = `
import { expect, test } from 'vitest';
import { withFeature } from 'tokenmeter';
test('runs', async () => expect(await withFeature('f', async () => 42)).toBe(42));
`;
  const vitest = join(project, 'node_modules', 'vitest', 'vitest.mjs');
  const { code, out } = await run('vitest', { 'app.test.mjs': source }, [vitest, 'run', '--root', '.']);
  expect({ code, out }).toMatchObject({ code: 0 });
});

test('what is published resolves, with its types, in both module systems', async () => {
  const publint = join(ROOT, 'node_modules', 'publint', 'src', 'cli.js');
  const attw = join(ROOT, 'node_modules', '@arethetypeswrong', 'cli', 'dist', 'index.js');
  for (const tarball of installed.tarballs) {
    const lint = spawnSync(process.execPath, [publint, '--strict', tarball], { encoding: 'utf8' });
    expect({ tarball, status: lint.status, out: lint.stdout }).toMatchObject({ status: 0 });
    const types = spawnSync(process.execPath, [attw, tarball, '--profile', 'node16'], { encoding: 'utf8' });
    expect({ tarball, status: types.status, out: types.stdout }).toMatchObject({ status: 0 });
  }
});
