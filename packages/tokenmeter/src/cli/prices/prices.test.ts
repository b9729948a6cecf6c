import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CallRecord, createLedgerWriter } from '@tokenmeter/ledger';
import { bundledBook, bundledBookText } from '@tokenmeter/pricing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { main } from '../program.ts';

const NOW = Date.UTC(2026, 10, 26, 12);
const DAY = 86_400_000;

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'prices-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

interface Result {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function prices(...args: string[]): Promise<Result> {
  const result = { out: '', err: '' };
  const code = await main(['prices', ...args], {
    out: (text) => {
      result.out += text;
    },
    err: (text) => {
      result.err += text;
    },
    env: {},
    cwd: home,
    now: () => NOW,
  });
  return { code, ...result };
}

function settings(yaml: string): void {
  writeFileSync(join(home, 'tokenmeter.yaml'), yaml);
}

interface Draft {
  date: string;
  version: string;
  readonly periods: { r: Record<string, number> }[];
  readonly sellers: Readonly<Record<string, { readonly rows: [string, number[]][] }>>;
}

/** The bundled book with other rates of OpenAI's gpt-4o. */
function bookWith(rates: Record<string, number>, change: (book: Draft) => void = () => {}): string {
  const book = JSON.parse(bundledBookText()) as Draft;
  const row = book.sellers.openai?.rows.find(([model]) => model === 'gpt-4o') as [string, number[]];
  const period = book.periods[row[1][0] as number] as Draft['periods'][number];
  row[1] = [book.periods.push({ ...period, r: rates }) - 1];
  change(book);
  return JSON.stringify(book);
}

/** Puts a book of another date where `prices update` would have put it. */
function refreshed(date: string, rates: Record<string, number>, cut = Number.POSITIVE_INFINITY): string {
  const version = `${date}.test`;
  const text = bookWith(rates, (book) => Object.assign(book, { date, version }));
  mkdirSync(join(home, '.tokenmeter', 'prices'), { recursive: true });
  writeFileSync(join(home, '.tokenmeter', 'prices', `${version}.json`), text.slice(0, cut));
  return version;
}

const DEARER = { input: 3, output: 10, cacheRead: 1.25 };

let made = 0;

function called(model: string, cost: Partial<CallRecord['cost']>, more: Partial<CallRecord> = {}): CallRecord {
  return {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: (++made).toString(16).padStart(16, '0'),
    operation: 'chat',
    provider: 'openai',
    requestModel: model,
    stream: false,
    startTime: NOW - DAY / 2,
    duration: 900,
    outcome: 'completed',
    attribution: { feature: 'x' },
    usage: { input: 1000, output: 100 },
    usageSource: 'provider',
    cost: { status: 'unpriced', version: '2026-11-20', flags: [], ...cost },
    attributes: {},
    ...more,
  };
}

function ledger(...calls: CallRecord[]): void {
  const writer = createLedgerWriter({ dir: join(home, '.tokenmeter'), resource: {}, now: () => NOW });
  for (const call of calls) writer.write(call);
  writer.close();
}

/** Cells of the table's row that begins with `name`. */
function row(out: string, name: string): string[] {
  return (out.split('\n').find((line) => line.startsWith(name)) ?? '').trim().split(/\s{2,}/);
}

describe('prices list', () => {
  it('shows the prices in force, and what the columns do not say', async () => {
    const { code, out } = await prices('list', 'gpt-5.5', '--provider', 'openai');
    expect(code).toBe(0);
    const cells = out.split('\n').map((line) => line.trim().split(/\s{2,}/));
    expect(cells).toContainEqual(['openai', 'gpt-5.5', '$5', '$30', '$0.5', '─', '─', 'more >272000']);
    expect(out).toContain(`price book ${bundledBook().version} (bundled)`);
  });

  it('knows the price of another day, and announces one', async () => {
    const flash = async (...args: string[]): Promise<string[]> => {
      const { out } = await prices('list', 'google/gemini-3.8-flash', ...args);
      const line = out.split('\n').find((text) => / gemini-3\.8-flash /.test(text)) ?? '';
      return line
        .trim()
        .split(/\s{2,}/)
        .slice(2);
    };
    expect(await flash()).toEqual(['$0.75', '$3.75', '$0.075', '─', '─', 'changes 2027-01-01']);
    expect((await flash('--at', '2027-01-01')).slice(0, 2)).toEqual(['$1.5', '$7.5']);
  });

  it('gives every price as JSON', async () => {
    const { out } = await prices('list', 'openai/gpt-4o', '--json');
    const { schema, book, rows } = JSON.parse(out);
    expect(schema).toBe('tokenmeter.prices/v1');
    expect(book).toMatchObject({ version: bundledBook().version, origin: 'bundled' });
    const gpt4o = rows.find(({ id }: { id: string }) => id === 'openai/gpt-4o');
    expect(gpt4o).toMatchObject({ status: 'priced', provider: 'openai' });
    const of = (variant: string | null, meter: string): unknown =>
      gpt4o.prices.find(
        (price: { variant: string | null; meter: string }) => price.variant === variant && price.meter === meter,
      );
    expect(of(null, 'input')).toMatchObject({ usd: 2.5, per: 'million tokens' });
    expect(of('priority', 'input')).toMatchObject({ usd: 4.25 });
  });

  it('gives CSV, and names the providers where one is not known', async () => {
    const { out } = await prices('list', 'openai/gpt-4o-mini', '--csv');
    const lines = out.split('\r\n').map((line) => line.split(','));
    expect(lines.find(([, model]) => model === 'gpt-4o-mini')?.slice(0, 5)).toEqual([
      'openai',
      'gpt-4o-mini',
      'priced',
      '0.15',
      '0.6',
    ]);
    const wrong = await prices('list', '--provider', 'nobody');
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain('openai, openrouter');
  });
});

describe('prices explain', () => {
  it('names the row, each id that was looked for, and the sum', async () => {
    const model = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0';
    const { code, out } = await prices(
      'explain',
      model,
      '--provider',
      'aws.bedrock',
      '--usage',
      'input=1000,output=200,cacheRead=400',
    );
    expect(code).toBe(0);
    expect(out).toContain(`looked for  bedrock/${model}: not there`);
    expect(out).toContain('row         bedrock/anthropic.claude-sonnet-4-5-20250929-v1:0');
    // 600 at $3.30, 200 at $16.50, 400 at $0.33 per 1M.
    expect(row(out, 'input')).toEqual(['input', '600', '$3.3', 'million tokens', '$0.00198']);
    expect(row(out, 'output')).toEqual(['output', '200', '$16.5', 'million tokens', '$0.0033']);
    expect(row(out, 'cacheRead')).toEqual(['cacheRead', '400', '$0.33', 'million tokens', '$0.000132']);
    expect(out).toContain('$0.005412 priced');
  });

  it('gives the same as JSON: the parts add up to the cost', async () => {
    const { out } = await prices(
      'explain',
      'gpt-5.5',
      '--usage',
      'input=300000,output=1',
      '--at',
      '2026-11-01',
      '--json',
    );
    const found = JSON.parse(out);
    expect(found).toMatchObject({
      schema: 'tokenmeter.price-explanation/v1',
      seller: { id: 'openai', by: 'name' },
      steps: [{ seller: 'openai', id: 'gpt-5.5', found: 'exact' }],
      price: { tier: '>272000' },
      cost: { status: 'priced', match: 'exact', source: 'list' },
    });
    const sum = found.parts.reduce((total: number, part: { cost_usd: string }) => total + Number(part.cost_usd), 0);
    expect(sum).toBeCloseTo(Number(found.cost.usd), 12);
    expect(found.parts[0]).toMatchObject({ meter: 'input', quantity: 300_000, rate_usd: 10 });
  });

  it('shows the discount, the own price and the alias of tokenmeter.yaml', async () => {
    settings(`prices:
  discounts: { openai: 25% }
  aliases: { my-gpt: openai/gpt-4o }
  overrides: [{ provider: mistral, model: mistral-large-latest, input: 1, output: 2 }]
`);
    const alias = await prices('explain', 'my-gpt', '--provider', 'openai', '--usage', 'input=1000,output=0');
    expect(alias.out).toContain('my-gpt stands for openai/gpt-4o');
    expect(row(alias.out, 'input').slice(2)).toEqual(['$2.5', 'million tokens', '$0.001875', 'less 25 %']);
    expect(alias.out).toContain('$0.001875 priced, list price $0.0025');
    const own = await prices('explain', 'mistral-large-latest', '--provider', 'mistral', '--usage', 'input=1000');
    expect(own.out).toContain('price       your own');
    expect(own.out).toContain('$0.001 priced, list price $0.0005');
  });

  it('says of a model without a price that it has none, and exits with 1', async () => {
    const { code, out } = await prices('explain', 'gpt-99', '--provider', 'openai');
    expect(code).toBe(1);
    expect(out).toContain('looked for  openai/gpt-99: not there');
    expect(out).toMatch(/unpriced: no amount, which is not \$0.*prices\.overrides/);
    expect((await prices('explain', 'gpt-4o', '--usage', 'inptu=5')).err).toContain('There are: input, output');
    expect((await prices('explain', 'gpt-4o', '--at', 'soon')).code).toBe(2);
  });

  it('points at the line of a setting that is wrong', async () => {
    settings('prices:\n  overrides:\n    - { provider: openai, model: gpt-4o, input: 2500 }\n');
    const { code, err } = await prices('explain', 'gpt-4o');
    expect(code).toBe(2);
    expect(err).toMatch(/tokenmeter\.yaml:3: prices\.overrides\[0\]\.input: 2500 is more than/);
  });
});

describe('prices diff', () => {
  it('shows what a refreshed book changed', async () => {
    const version = refreshed('2026-12-01', DEARER);
    const { code, out } = await prices('diff');
    expect(code).toBe(0);
    expect(out).toContain(`${bundledBook().version} → ${version}`);
    const line = out.split('\n').find((text) => text.includes('openai/gpt-4o ')) ?? '';
    expect(line.trim().split(/\s{2,}/)).toEqual(['~', 'openai/gpt-4o', 'input', '$2.5', '$3', 'million tokens']);
  });

  it('compares with a file, names what is suspicious, and gives JSON', async () => {
    const file = join(home, 'next.json');
    writeFileSync(file, bookWith({ input: 0.0025, output: 10 }));
    const { changes, suspicious } = JSON.parse((await prices('diff', 'next.json', '--json')).out);
    const of = (meter: string): unknown =>
      changes.find((change: { row: string; meter: string; variant: unknown }) => {
        return change.row === 'openai/gpt-4o' && change.meter === meter && change.variant === null;
      });
    expect(of('input')).toMatchObject({ kind: 'changed', before_usd: 2.5, after_usd: 0.0025 });
    expect(of('cacheRead')).toMatchObject({ kind: 'removed', before_usd: 1.25, after_usd: null });
    expect(suspicious).toContain('openai/gpt-4o: input went from 2.5 to 0.0025');
  });

  it('says what there is not, and refuses what is no book', async () => {
    expect((await prices('diff')).err).toContain('No refreshed book');
    writeFileSync(join(home, 'not.json'), '{}');
    const wrong = await prices('diff', 'not.json');
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain('is no price book');
    expect((await prices('diff', 'missing.json')).err).toContain('cannot be read');
  });

  it('goes by the bundled book where the refreshed one is older or damaged', async () => {
    refreshed('2026-01-01', DEARER);
    expect((await prices('diff')).err).toContain('No refreshed book');
    refreshed('2027-01-01', DEARER, 1000);
    const { err, out } = await prices('explain', 'gpt-4o');
    expect(err).toMatch(/warning: the price book .*2027-01-01\.test\.json is not used: it is no JSON/);
    expect(out).toContain('(bundled)');
  });
});

describe('prices check', () => {
  it('is content with a fresh book and priced calls', async () => {
    ledger(called('gpt-4o', { status: 'priced', pico: 1n }));
    const { code, out } = await prices('check');
    expect(code).toBe(0);
    expect(out).toContain('is 4 days old');
  });

  it('names the models without a price, and those that have one by now', async () => {
    ledger(
      called('gpt-99', {}),
      called('gpt-99', {}),
      called('gpt-4o', {}),
      called('gpt-98', {}, { startTime: NOW - 8 * DAY }),
    );
    const { code, out } = await prices('check');
    expect(code).toBe(1);
    const cells = out.split('\n').map((line) => line.trim().split(/\s{2,}/));
    expect(cells).toContainEqual(['openai', 'gpt-99', '2', 'no price']);
    expect(cells).toContainEqual(['openai', 'gpt-4o', '1', 'has a price']);
    expect(out).not.toContain('gpt-98');
    const { book, unpriced } = JSON.parse((await prices('check', '--json')).out);
    expect(book).toMatchObject({ age_days: 4, max_age_days: 30 });
    expect(unpriced).toEqual([
      { provider: 'openai', model: 'gpt-99', calls: 2, reasons: [], priced_now: false },
      { provider: 'openai', model: 'gpt-4o', calls: 1, reasons: [], priced_now: true },
    ]);
  });

  it('fails where the book is older than it may be', async () => {
    const { code, out } = await prices('check', '--max-age', '3');
    expect(code).toBe(1);
    expect(out).toContain('tokenmeter prices update');
    expect((await prices('check', '--max-age', 'x')).code).toBe(2);
  });
});

describe('prices update and export', () => {
  it('takes over a file, relative to here; every command goes by it then', async () => {
    writeFileSync(
      join(home, 'next.json'),
      bookWith(DEARER, (book) => Object.assign(book, { date: '2026-12-01', version: '2026-12-01.test' })),
    );
    const { code, out } = await prices('update', '--from', 'next.json');
    expect(code).toBe(0);
    expect(out).toContain('Price book 2026-12-01.test is in use here: ');
    expect((await prices('explain', 'gpt-4o')).out).toContain('2026-12-01.test (refreshed)');
    const again = JSON.parse((await prices('update', '--from', 'next.json', '--json')).out);
    expect(again).toMatchObject({ updated: false, version: '2026-12-01.test', changes: 0 });
  });

  it('knows no address of its own, but that of tokenmeter.yaml, beside which a path stands', async () => {
    const none = await prices('update');
    expect(none.code).toBe(2);
    expect(none.err).toContain('There is no default address');
    settings('prices: { refresh: { from: shared/book.json } }');
    const missing = await prices('update');
    expect(missing.code).toBe(3);
    expect(missing.err).toContain(join(home, 'shared', 'book.json'));
    expect(missing.err).toContain(`stay as they are, those of ${bundledBook().version}`);
  });

  it('refuses what leapt until it is accepted', async () => {
    const leap = { input: 0.0025, output: 10 };
    writeFileSync(
      join(home, 'next.json'),
      bookWith(leap, (book) => Object.assign(book, { date: '2026-12-01', version: '2026-12-01.test' })),
    );
    const { code, err } = await prices('update', '--from', 'next.json');
    expect(code).toBe(3);
    expect(err).toContain('openai/gpt-4o: input went from 2.5 to 0.0025');
    expect((await prices('update', '--from', 'next.json', '--accept')).code).toBe(0);
  });

  it('exports what update reads', async () => {
    expect((await prices('export', '--out', 'book.json')).err).toContain('Written to');
    const { out } = await prices('update', '--from', 'book.json', '--json');
    expect(JSON.parse(out)).toMatchObject({ updated: false, version: bundledBook().version });
    const version = refreshed('2026-12-01', DEARER);
    expect(JSON.parse((await prices('export')).out).version).toBe(version);
  });
});
