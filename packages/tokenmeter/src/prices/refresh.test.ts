import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundledBook, bundledBookText, createPricer, type Pricer } from '@tokenmeter/pricing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cachedBook, readState } from './cache.ts';
import { RefreshError, refresh } from './refresh.ts';
import { refreshPrices } from './refreshing.ts';

let folder: string;
let server: Server | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'refresh-'));
});
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function serve(handler: RequestListener): Promise<string> {
  server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/prices.json`;
}

interface Draft {
  date: string;
  version: string;
  readonly periods: { r: Record<string, number> }[];
  readonly sellers: Record<string, { readonly rows: [string, number[]][] }>;
}

/** The bundled book of another day, in which OpenAI's gpt-4o has another input price. */
function book(date: string, input = 2.5, change: (draft: Draft) => void = () => {}): string {
  const draft = JSON.parse(bundledBookText()) as Draft;
  Object.assign(draft, { date, version: `${date}.test` });
  const row = draft.sellers.openai?.rows.find(([model]) => model === 'gpt-4o') as [string, number[]];
  row[1] = [draft.periods.push({ r: { input, output: 10 } }) - 1];
  change(draft);
  return JSON.stringify(draft);
}

function refreshOnce(from: string, accept?: boolean): ReturnType<typeof refresh> {
  return refresh({ from, ledgerFolder: folder, current: inUse(), accept });
}

/** What a process that starts now would use. */
function inUse(): ReturnType<typeof bundledBook> {
  const problems: string[] = [];
  const found = cachedBook(folder, bundledBook(), (problem) => problems.push(problem));
  expect(problems).toEqual([]);
  return found ?? bundledBook();
}

function gpt4o(pricer: Pick<Pricer, 'price'>): number | undefined {
  const report = { usage: { input: 1_000_000, output: 0 }, context: {}, flags: [] };
  return pricer.price({ provider: 'openai', requestModel: 'gpt-4o', report, at: Date.now() }).usd;
}

describe('a refresh', () => {
  test('takes over a newer book from a server, and keeps it for the next process', async () => {
    const from = await serve((_, response) => response.end(book('2026-12-01', 3)));
    const next = await refreshOnce(from);
    expect(next?.version).toBe('2026-12-01.test');
    expect(inUse().version).toBe('2026-12-01.test');
    expect(gpt4o(createPricer({ book: inUse() }))).toBe(3);
    expect(readState(folder)).toMatchObject({ from, version: '2026-12-01.test' });
    server?.removeAllListeners('request').on('request', (_, response) => response.end(book('2026-12-02', 3)));
    await refreshOnce(from);
    expect(readdirSync(join(folder, 'prices')).sort()).toEqual(['2026-12-02.test.json', 'state.json']);
  });

  test('takes over a file', async () => {
    const file = join(folder, 'next.json');
    writeFileSync(file, book('2026-12-01', 3));
    expect((await refreshOnce(file))?.date).toBe('2026-12-01');
    expect(await refreshOnce(file)).toBeUndefined();
  });

  test('asks with the ETag of what it has, and takes "unchanged" for an answer', async () => {
    const asked: (string | undefined)[] = [];
    const from = await serve((request, response) => {
      asked.push(request.headers['if-none-match']);
      if (request.headers['if-none-match'] === '"1"') return response.writeHead(304).end();
      return response.writeHead(200, { etag: '"1"' }).end(book('2026-12-01', 3));
    });
    expect(await refreshOnce(from)).toBeDefined();
    expect(await refreshOnce(from)).toBeUndefined();
    expect(asked).toEqual([undefined, '"1"']);
    // Without the book, its ETag says nothing.
    rmSync(join(folder, 'prices', '2026-12-01.test.json'));
    expect((await refreshOnce(from))?.version).toBe('2026-12-01.test');
    expect(asked).toEqual([undefined, '"1"', undefined]);
  });

  const WRONG: readonly (readonly [string, RequestListener, RegExp])[] = [
    ['an older book', (_, response) => response.end(book('2026-01-01')), /older than the one in use/],
    [
      'a book in a wrong unit',
      (_, response) => response.end(book('2026-12-01', 0.0025)),
      /input went from 2.5 to 0.0025/,
    ],
    [
      'a book that lost its rows',
      (_, response) =>
        response.end(
          book('2026-12-01', 2.5, (draft) => {
            for (const seller of Object.keys(draft.sellers)) if (seller !== 'openai') delete draft.sellers[seller];
          }),
        ),
      /rows, the book in use has/,
    ],
    ['half a book', (_, response) => response.end(book('2026-12-01').slice(0, 50_000)), /no price book/],
    ['a page', (_, response) => response.end('<html></html>'), /no price book/],
    ['a refusal', (_, response) => response.writeHead(503).end(), /answered 503/],
    [
      'a redirection',
      (_, response) => response.writeHead(302, { location: 'http://x/' }).end(),
      /302 to http:\/\/x\/: name/,
    ],
    [
      'an answer without end',
      (_, response) => {
        response.on('drain', () => response.write(Buffer.alloc(1_000_000)));
        response.write(Buffer.alloc(1_000_000));
      },
      /larger than 4 MB/,
    ],
    ['a connection that breaks', (_, response) => response.write('{', () => response.destroy()), /./],
  ];

  test.each(WRONG)('refuses %s; what is in use stays, and nothing is left behind', async (_, handler, message) => {
    const from = await serve(handler);
    const refused = refreshOnce(from);
    await expect(refused).rejects.toBeInstanceOf(RefreshError);
    await expect(refused).rejects.toThrow(message);
    expect(inUse()).toBe(bundledBook());
    expect(readState(folder)).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('says of nobody there, and of no file, what they are', async () => {
    const from = await serve(() => {});
    server?.close();
    server?.closeAllConnections();
    await expect(refreshOnce(from)).rejects.toThrow(/ECONNREFUSED/);
    await expect(refreshOnce(join(folder, 'none.json'))).rejects.toThrow(/ENOENT/);
  });

  test('names an address without the secrets in it', async () => {
    const asked: unknown[] = [];
    const from = await serve((request, response) => {
      asked.push(request.headers.authorization, request.url);
      response.writeHead(500).end();
    });
    const secret = `${from.replace('//', '//me:hush@')}?token=hush`;
    const error: unknown = await refreshOnce(secret).catch((reason: unknown) => reason);
    expect(asked).toEqual([`Basic ${Buffer.from('me:hush').toString('base64')}`, '/prices.json?token=hush']);
    expect(String(error)).toContain(`${from}: the server answered 500`);
    expect(String(error)).not.toContain('hush');
  });

  test('takes over what is suspicious where somebody has looked at it', async () => {
    const from = await serve((_, response) => response.end(book('2026-12-01', 0.5)));
    await expect(refreshOnce(from)).rejects.toThrow(/--accept/);
    expect((await refreshOnce(from, true))?.version).toBe('2026-12-01.test');
    expect(gpt4o(createPricer({ book: inUse() }))).toBe(0.5);
  });
});

describe('prices.refresh', () => {
  async function until(holds: () => boolean): Promise<void> {
    for (let waited = 0; !holds(); waited += 5) {
      if (waited > 5000) throw new Error('It did not happen within five seconds.');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  test('without it nothing is started', () => {
    const pricer = createPricer();
    expect(refreshPrices(undefined, { ledgerFolder: folder, pricer, onWarning: () => {} })).toBeUndefined();
  });

  test('exchanges the book of a pricer while it prices', async () => {
    const from = await serve((_, response) => response.end(book('2026-12-01', 3)));
    const pricer = createPricer();
    expect(gpt4o(pricer)).toBe(2.5);
    const refreshing = refreshPrices({ from }, { ledgerFolder: folder, pricer, onWarning: () => {} });
    await until(() => pricer.version === '2026-12-01.test');
    refreshing?.stop();
    expect(gpt4o(pricer)).toBe(3);
  });

  test('processes that share a ledger ask once', async () => {
    let asked = 0;
    const from = await serve((_, response) => {
      asked += 1;
      response.end(book('2026-12-01', 3));
    });
    const start = (): { pricer: Pricer; stop(): void } => {
      const pricer = createPricer();
      const refreshing = refreshPrices({ from }, { ledgerFolder: folder, pricer, onWarning: () => {} });
      return { pricer, stop: () => refreshing?.stop() };
    };
    const first = start();
    await until(() => first.pricer.version === '2026-12-01.test');
    await until(() => readState(folder) !== undefined);
    const second = start();
    await until(() => second.pricer.version === '2026-12-01.test');
    first.stop();
    second.stop();
    expect(asked).toBe(1);
  });

  test('an error is a warning, and the last good book stays', async () => {
    const from = await serve((_, response) => response.writeHead(500).end());
    const pricer = createPricer();
    const warnings: string[] = [];
    const refreshing = refreshPrices(
      { from },
      { ledgerFolder: folder, pricer, onWarning: (text) => warnings.push(text) },
    );
    await until(() => warnings.length > 0);
    refreshing?.stop();
    expect(warnings).toEqual([
      expect.stringMatching(/prices are not refreshed, those of 2026-11-22 stay.*answered 500/),
    ]);
    expect(pricer.book).toBe(bundledBook());
  });
});
