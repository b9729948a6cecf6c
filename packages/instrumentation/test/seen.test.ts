/**
 * Answers that can be read again, in processes that follow each other: where there is a ledger, what one has counted adds
 * nothing in the next.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type FakeProvider, startFakeProvider } from '@tokenmeter/fake-provider';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readRecorded } from './harness/recorded.ts';

const REGISTER = fileURLToPath(new URL('../../tokenmeter/dist/register.cjs', import.meta.url));
const SDK = fileURLToPath(new URL('../sdks/openai-7/package.json', import.meta.url));

let provider: FakeProvider;
let directory: string;
beforeEach(async () => {
  provider = await startFakeProvider();
  directory = await mkdtemp(join(tmpdir(), 'tokenmeter-seen-'));
});
afterEach(async () => {
  await provider.close();
  await rm(directory, { recursive: true, force: true });
});

/** Runs the body of an async function of `client` in a process of its own. Returns what it printed. */
async function run(body: string): Promise<string> {
  const source = `
    const OpenAI = require('node:module').createRequire(${JSON.stringify(SDK)})('openai');
    const client = new OpenAI({ apiKey: 'test', baseURL: ${JSON.stringify(provider.openaiBaseUrl)} });
    (async () => { ${body} })();`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--require', REGISTER, '-e', source], {
    cwd: directory,
    env: { PATH: process.env.PATH, TOKENMETER_LEDGER: '1' },
  });
  return stdout.trim();
}

const outcomes = async (): Promise<string[]> =>
  (await readRecorded(directory)).calls.map(({ outcome, cost }) => `${outcome} ${cost.status}`).sort();

test('a background response is counted by the first process that reads it finished', async () => {
  const create = `await client.responses.create({ model: 'gpt-4o-mini', input: 'Hello.', background: true })`;
  const id = await run(`const { id } = ${create}; await client.responses.retrieve(id); console.log(id);`);
  expect(await outcomes()).toEqual(['completed priced']);
  await run(`await client.responses.retrieve(${JSON.stringify(id)})`);
  await Promise.all([1, 2].map(() => run(`await client.responses.retrieve(${JSON.stringify(id)})`)));
  expect(await outcomes()).toEqual(['completed priced']);
}, 60_000);

test('of two processes that look at a batch at once, one counts it', async () => {
  await Promise.all([1, 2].map(() => run(`await client.batches.retrieve('batch_both')`)));
  await run(`await client.batches.retrieve('batch_both')`);
  expect(await outcomes()).toEqual(['completed priced']);
}, 60_000);
