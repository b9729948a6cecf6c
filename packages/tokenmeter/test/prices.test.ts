/** Prices in whole processes: models without one, and a book that is refreshed. Runs on the build. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type FakeProvider, startFakeProvider } from '@tokenmeter/fake-provider';
import { bundledBook, bundledBookText } from '@tokenmeter/pricing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AppFolder, client, IMPORT, listen, REQUIRE, runNode } from './harness.ts';

let provider: FakeProvider;
let app: AppFolder;

beforeAll(async () => {
  provider = await startFakeProvider();
});
afterAll(() => provider.close());
beforeEach(() => provider.reset());
afterEach(() => app.remove());

const served = (): number => provider.served().entries.length;

describe('prices.onUnknownModel', () => {
  const report = `.then(() => 'sent', (error) => [error.name, error instanceof UnknownModelError, error.model].join())`;
  const script = (how: string): string =>
    `${how}
     const { UnknownModelError } = require('tokenmeter');
     (async () => {
       console.log(await call('no-such-model')${report});
       console.log(await call('no-such-model')${report});
       console.log(await call('gpt-4o-mini')${report});
     })();`;
  const anthropic = (): string => `const Anthropic = require('@anthropic-ai/sdk');
     const client = new Anthropic({ apiKey: 'x', baseURL: '${provider.anthropicBaseUrl}', maxRetries: 0 });
     const call = (model) => client.messages.create({ model: model.replace('gpt-4o-mini', 'claude-haiku-4-5'), max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] });`;

  it.each([
    ['openai', () => client(provider)],
    ['anthropic', anthropic],
  ])('throw: %s rejects before the request, and other models go', async (_, sdk) => {
    app = new AppFolder({ 'tokenmeter.yaml': 'prices: { onUnknownModel: throw }', 'app.cjs': script(sdk()) });
    for (const preload of [REQUIRE, IMPORT]) {
      provider.reset();
      const { stdout, stderr } = await runNode(app, [...preload, 'app.cjs']);
      expect(stderr).toBe('');
      const refused = 'UnknownModelError,true,no-such-model';
      expect(stdout.trim().split('\n')).toEqual([refused, refused, 'sent']);
      expect(served()).toBe(1);
    }
    expect(app.ledger()).toHaveLength(2);
  });

  it.each(['', 'prices: { onUnknownModel: warn }'])(
    'warn, also where the file says "%s": one line per model',
    async (yaml) => {
      app = new AppFolder({ 'tokenmeter.yaml': yaml, 'app.cjs': script(client(provider)) });
      const { stdout, stderr } = await runNode(app, [...REQUIRE, 'app.cjs']);
      expect(stdout).toBe('sent\nsent\nsent\n');
      expect(stderr.match(/the model "no-such-model" of openai has no price/g)).toHaveLength(1);
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect(app.ledger().map((span) => span['tokenmeter.cost.status'])).toEqual(['unpriced', 'unpriced', 'priced']);
    },
  );

  it('ignore: not a word', async () => {
    app = new AppFolder({
      'tokenmeter.yaml': 'prices: { onUnknownModel: ignore }',
      'app.cjs': script(client(provider)),
    });
    const { stdout, stderr } = await runNode(app, [...REQUIRE, 'app.cjs']);
    expect([stdout, stderr]).toEqual(['sent\nsent\nsent\n', '']);
  });
});

describe('prices.refresh', () => {
  const NEXT = bundledBookText()
    .replaceAll(bundledBook().version, '2026-12-01.test')
    .replace(`"date":"${bundledBook().date}"`, '"date":"2026-12-01"');

  it('fetches at the first call, and the next process uses the book from the start', async () => {
    let asked = 0;
    const prices = await listen((_, response) => {
      asked += 1;
      response.end(NEXT);
    });
    const wait = 'setTimeout(() => call(), 1500);';
    app = new AppFolder({
      'tokenmeter.yaml': `prices: { refresh: { from: "${prices.url}/prices.json", every: 24h } }`,
      'app.cjs': `${client(provider)} call(); ${wait}`,
      'idle.cjs': '',
    });
    try {
      await runNode(app, [...REQUIRE, 'idle.cjs']);
      expect(asked).toBe(0);
      expect(await runNode(app, [...REQUIRE, 'app.cjs'])).toMatchObject({ code: 0, stderr: '' });
      expect(asked).toBe(1);
      await runNode(app, [...REQUIRE, 'app.cjs']);
      expect(asked).toBe(1);
    } finally {
      await prices.close();
    }
    // The first call is priced by whichever book is there when it ends.
    const [, ...versions] = app.ledger().map((span) => span['tokenmeter.price.version']);
    expect(versions).toEqual(['2026-12-01.test', '2026-12-01.test', '2026-12-01.test']);
    expect(readdirSync(join(app.path, '.tokenmeter', 'prices'))).toContain('2026-12-01.test.json');
  });

  it('does not hold up a process that wants to end', async () => {
    const prices = await listen(() => {});
    app = new AppFolder({
      'tokenmeter.yaml': `prices: { refresh: { from: "${prices.url}/prices.json" } }`,
      'app.cjs': `${client(provider)} call().then(() => { const begun = Date.now(); process.on('exit', () => console.log(Date.now() - begun)); });`,
    });
    try {
      const { code, stdout } = await runNode(app, [...REQUIRE, 'app.cjs']);
      expect(code).toBe(0);
      // The server never answers; the time-out would be 10,000 ms.
      expect(Number(stdout)).toBeLessThan(8000);
    } finally {
      await prices.close();
    }
  });
});
