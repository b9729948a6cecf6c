import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CallRecord, createLedgerWriter } from '@tokenmeter/ledger';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeStatus } from '../status.ts';
import { createTally } from '../tally.ts';
import { main } from './program.ts';

const NOW = Date.UTC(2026, 10, 26, 12);
const HOUR = 3_600_000;
const USD = 1_000_000_000_000n;

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'cli-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

interface Result {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function tokenmeter(...args: string[]): Promise<Result> {
  return tokenmeterIn({}, ...args);
}

async function tokenmeterIn(env: Record<string, string>, ...args: string[]): Promise<Result> {
  let out = '';
  let err = '';
  const code = await main(args, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    env,
    cwd: home,
    now: () => NOW,
  });
  return { code, out, err };
}

interface Made {
  readonly feature?: string;
  readonly usd?: bigint;
  readonly status?: CallRecord['cost']['status'];
  readonly at?: number;
  readonly more?: Partial<CallRecord>;
}

let made = 0;

function ledger(calls: readonly Made[], dir = join(home, '.tokenmeter')): void {
  const writer = createLedgerWriter({ dir, resource: {}, now: () => NOW });
  for (const { feature = 'untagged', usd, status = 'priced', at = NOW - HOUR, more } of calls) {
    made += 1;
    writer.write({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: made.toString(16).padStart(16, '0'),
      operation: 'chat',
      provider: 'openai',
      requestModel: 'gpt-4o',
      stream: false,
      startTime: at,
      duration: 900,
      outcome: 'completed',
      attribution: { feature },
      usage: { input: 1000, output: 100 },
      usageSource: 'provider',
      cost: { status, version: '2026-11-20', flags: [], ...(usd !== undefined && { pico: usd }) },
      attributes: {},
      ...more,
    });
  }
  writer.close();
}

/** The cells of the table's row that begins with `name`. */
function row(out: string, name: string): string[] {
  const line = out.split('\n').find((text) => text.startsWith(name)) ?? '';
  return line.trim().split(/\s{2,}/);
}

describe('tokenmeter', () => {
  it('says what each feature cost in the last 7 days, the dearest first', async () => {
    ledger([
      { feature: 'rag-search', usd: USD },
      { feature: 'agent', usd: 3n * USD },
      { feature: 'rag-search', usd: USD / 2n },
      { usd: USD / 4n },
      { feature: 'old', usd: USD, at: NOW - 8 * 24 * HOUR },
    ]);
    const { code, out, err } = await tokenmeter();
    expect(code).toBe(0);
    expect(err).toBe('');
    expect(row(out, 'Feature')).toEqual(['Feature', 'Calls', 'Input Tok', 'Output Tok', 'Est. Cost', 'Share']);
    expect(row(out, 'rag-search')).toEqual(['rag-search', '2', '2,000', '200', '$1.5000', '31.6%']);
    expect(row(out, 'TOTAL')).toEqual(['TOTAL', '4', '4,000', '400', '$4.7500', '100.0%']);
    const names = out.split('\n').map((line) => line.split(' ')[0]);
    expect(names.filter((name) => ['agent', 'rag-search', 'untagged', 'old'].includes(name as string))).toEqual([
      'agent',
      'rag-search',
      'untagged',
    ]);
    expect(out).toContain('4 priced (100.0%)');
    expect(out).toContain('Tagged: 3 of 4 calls (75.0%) · price book 2026-11-20');
    expect(out).toContain('tokenmeter calls --filter feature=untagged');
  });

  it('never shows a cost that is not known as $0', async () => {
    ledger([
      { feature: 'mixed', usd: USD },
      ...Array.from({ length: 6 }, () => ({ feature: 'mixed', status: 'unpriced' as const })),
      { feature: 'none', status: 'usage_unknown', more: { usage: undefined, usageSource: 'none' } },
      { feature: 'nothing', usd: 0n, status: 'free' },
      { feature: 'crumb', usd: 1n },
    ]);
    const { out } = await tokenmeter();
    expect(row(out, 'mixed').slice(4)).toEqual(['$1.0000', '100.0%', '+6 unpriced']);
    expect(row(out, 'none').slice(4)).toEqual(['not known', '─', '+1 of unknown usage']);
    expect(row(out, 'nothing')[4]).toBe('$0.0000');
    expect(row(out, 'crumb')[4]).toBe('<$0.0001');
    const { rows } = JSON.parse((await tokenmeter('--json')).out);
    const none = rows.find((entry: { keys: { feature: string } }) => entry.keys.feature === 'none');
    expect(none.estimated_cost_usd).toBeNull();
    expect(row((await tokenmeter('--csv')).out.replaceAll(',', '  '), 'none').slice(0, 4)).toEqual([
      'none',
      '1',
      '0',
      '0',
    ]);
    expect((await tokenmeter('--csv')).out).toContain('none,1,0,0,,,,');
  });

  it('carries the same numbers in every format', async () => {
    ledger([
      { feature: 'a', usd: 1_234_567_890_123_456n },
      { feature: 'b', usd: 99_950_000_000n },
    ]);
    const [table, csv, json] = [await tokenmeter(), await tokenmeter('--csv'), await tokenmeter('--json')];
    const document = JSON.parse(json.out);
    expect(document.schema).toBe('tokenmeter.report/v1');
    const lines = csv.out.split('\r\n').map((line) => line.split(','));
    expect(lines[0]?.slice(0, 5).join(',')).toBe('feature,calls,input_tokens,output_tokens,estimated_cost_usd');
    for (const [index, entry] of document.rows.entries()) {
      const name = entry.keys.feature;
      expect(lines[index + 1]?.slice(0, 5)).toEqual([
        name,
        String(entry.calls),
        String(entry.input_tokens),
        String(entry.output_tokens),
        entry.estimated_cost_usd,
      ]);
      expect(row(table.out, name)[4]?.replaceAll(/[$,]/g, '')).toBe(entry.estimated_cost_usd);
    }
    expect(document.rows.map((entry: { exact_cost_usd: string }) => entry.exact_cost_usd)).toEqual([
      '1234.567890123456',
      '0.09995',
    ]);
    expect(document.total.estimated_cost_usd).toBe('1234.6678');
  });

  it('groups by several keys, and names a key that no call has', async () => {
    ledger([
      { feature: 'a', usd: USD, more: { attribution: { feature: 'a', extra: { plan: 'pro' } } } },
      { feature: 'a', usd: USD },
    ]);
    const { out, err } = await tokenmeter('--by', 'feature,plan,modl');
    expect(row(out, 'a')).toHaveLength(8);
    expect(err).toBe('note: no call of this window has a "modl"\n');
  });

  it('filters by value, by other value and by absence', async () => {
    ledger([{ feature: 'a', usd: USD }, { feature: 'b', usd: USD }, { usd: USD }]);
    const features = async (...filters: string[]): Promise<string[]> => {
      const { out } = await tokenmeter('--json', ...filters.flatMap((filter) => ['--filter', filter]));
      return JSON.parse(out)
        .rows.map((entry: { keys: { feature: string } }) => entry.keys.feature)
        .sort();
    };
    expect(await features('feature=a')).toEqual(['a']);
    expect(await features('feature=a', 'feature=b')).toEqual(['a', 'b']);
    expect(await features('feature!=a')).toEqual(['b', 'untagged']);
    expect(await features('feature!=')).toEqual(['a', 'b']);
    expect(await features('feature=', 'model=gpt-4o')).toEqual(['untagged']);
    expect(await features('tenant!=')).toEqual([]);
  });

  it('takes half-open windows in a time zone', async () => {
    // Midnight in Berlin is 23:00 UTC.
    const midnight = Date.UTC(2026, 10, 24, 23);
    ledger([
      { feature: 'before', usd: USD, at: midnight - 1 },
      { feature: 'first', usd: USD, at: midnight },
      { feature: 'last', usd: USD, at: midnight + 24 * HOUR - 1 },
      { feature: 'after', usd: USD, at: midnight + 24 * HOUR },
    ]);
    const args = [
      '--since',
      'yesterday',
      '--until',
      'today',
      '--timezone',
      'Europe/Berlin',
      '--by',
      'feature,day',
      '--json',
    ];
    const { rows } = JSON.parse((await tokenmeter(...args)).out);
    expect(rows.map((entry: { keys: object }) => entry.keys)).toEqual([
      { feature: 'first', day: '2026-11-25' },
      { feature: 'last', day: '2026-11-25' },
    ]);
  });

  it('writes to a file and says where', async () => {
    ledger([{ feature: 'a', usd: USD }]);
    const { out, err } = await tokenmeter('--csv', '--out', 'llm_spend_by_feature.csv');
    const path = join(home, 'llm_spend_by_feature.csv');
    expect(out).toBe('');
    expect(err).toBe(`Written to ${path}\n`);
    expect(readFileSync(path, 'utf8')).toBe((await tokenmeter('--csv')).out);
  });

  it('guards a spreadsheet against formulas', async () => {
    ledger([{ feature: '=HYPERLINK("x")', usd: USD }]);
    expect((await tokenmeter('--csv')).out.split('\r\n')[1]).toMatch(/^"'=HYPERLINK\(""x""\)",1,/);
  });
});

describe('an empty or broken ledger', () => {
  it('says where it looked and whether OTLP was on', async () => {
    const { code, out, err } = await tokenmeter();
    expect(code).toBe(0);
    expect(out).toBe('');
    expect(err).toContain(`Looked in ${join(home, '.tokenmeter')}, which does not exist.`);
    expect(err).toContain('OTLP is not configured here');
    const exporting = await tokenmeterIn({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' });
    expect(exporting.err).toContain('OTEL_* asks for metrics here');
    expect((await tokenmeterIn({ TOKENMETER_LEDGER: '0' })).err).toContain('TOKENMETER_LEDGER=0 is set here');
    expect(JSON.parse((await tokenmeter('--json')).out).rows).toEqual([]);
    expect(JSON.parse((await tokenmeter('calls', '--json')).out).calls).toEqual([]);
  });

  it('says what the last app here did with its calls', async () => {
    writeStatus(join(home, '.tokenmeter'), {
      run: 'r',
      pid: 4711,
      thread: 0,
      startedAt: new Date(NOW).toISOString(),
      node: 'v22.15.0',
      tokenmeter: '0.1.0',
      cwd: home,
      script: 'app.js',
      packages: [],
      reach: { traces: 'off', metrics: 'joined' },
      ledger: { on: false, why: 'the metrics leave the process', folder: join(home, '.tokenmeter') },
      warnings: [],
      tally: createTally().snapshot(),
    });
    const { err } = await tokenmeter();
    expect(err).toContain('its ledger was off (the metrics leave the process); OTLP: traces off, metrics joined.');
  });

  it('names the lines that it skips and counts the others', async () => {
    ledger([{ feature: 'a', usd: USD }]);
    writeFileSync(join(home, '.tokenmeter', 'traces.jsonl'), 'x\n{"resourceLogs":[]}\n');
    const { code, out, err } = await tokenmeter();
    expect(code).toBe(0);
    expect(row(out, 'TOTAL')[1]).toBe('1');
    expect(err).toContain('warning: 2 lines of the ledger were skipped');
    expect(err).toContain(`${join(home, '.tokenmeter', 'traces.jsonl')}:1 not JSON`);
  });

  it('that cannot be read is no answer: exit code 3', async () => {
    writeFileSync(join(home, 'file'), '');
    for (const command of ['report', 'calls']) {
      const { code, out, err } = await tokenmeter(command, '--dir', 'file');
      expect({ code, out }).toEqual({ code: 3, out: '' });
      expect(err).toContain(join(home, 'file'));
    }
  });
});

describe('a mistake of the user', () => {
  it.each([
    [['--bogus'], '--bogus'],
    [['bogus'], 'There is no command "bogus"'],
    [['--since', 'soon'], '--since soon is no time'],
    [['--since', 'today', '--until', 'yesterday'], 'The window is empty'],
    [['--timezone', 'Mars/Base'], '--timezone Mars/Base is not known'],
    [['--filter', 'feature'], '--filter feature is no test'],
    [['--json', '--csv'], 'exclude each other'],
    [['--by', ','], '--by needs at least one key'],
    [['calls', '--limit', '0'], 'whole number'],
    [['calls', '--sort', 'name'], 'cost, time, tokens'],
    [['--out', 'no/such/folder/x', '--json'], 'cannot be written'],
  ])('%j ends with code 2 and says what is wrong', async (args, message) => {
    const { code, out, err } = await tokenmeter(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
  });

  it('in tokenmeter.yaml ends with code 2, and a good file names the ledger', async () => {
    const file = join(home, 'tokenmeter.yaml');
    writeFileSync(file, 'ledgr: {}\n');
    const broken = await tokenmeter();
    expect(broken.code).toBe(2);
    expect(broken.err).toContain(`${file}:1: ledgr: unknown key. Allowed here:`);
    mkdirSync(join(home, 'sub'));
    ledger([{ feature: 'a', usd: USD }], join(home, 'elsewhere'));
    writeFileSync(file, 'ledger: { dir: elsewhere }\n');
    expect(row((await tokenmeter()).out, 'TOTAL')[1]).toBe('1');
  });
});

describe('tokenmeter calls', () => {
  const site = 'src/math.ts:41';

  beforeEach(() => {
    ledger([
      { feature: 'a', usd: 2n * USD, at: NOW - 3 * HOUR },
      { feature: 'b', usd: 3n * USD, at: NOW - 2 * HOUR, more: { usage: { input: 1, output: 1 } } },
      { usd: 1n, at: NOW - 4 * HOUR, more: { callSite: site, usage: { input: 9000 } } },
      { feature: 'd', status: 'unpriced', at: NOW - HOUR, more: { usage: { input: 5 } } },
    ]);
  });

  it.each([
    ['cost', ['b', 'a', 'untagged', 'd']],
    ['time', ['d', 'b', 'a', 'untagged']],
    ['tokens', ['untagged', 'a', 'd', 'b']],
  ])('sorts by %s', async (sort, expected) => {
    const { calls } = JSON.parse((await tokenmeter('calls', '--sort', sort, '--json')).out);
    expect(calls.map((call: { feature: string }) => call.feature)).toEqual(expected);
    const short = JSON.parse((await tokenmeter('calls', '--sort', sort, '--json', '--limit', '2')).out);
    expect(short.calls).toEqual(calls.slice(0, 2));
    expect(short.found).toBe(4);
  });

  it('shows where an untagged call was made, and no amount for an unpriced one', async () => {
    const { out } = await tokenmeter('calls');
    expect(out).toContain(`untagged at ${site}`);
    expect(out.split('\n').find((line) => line.includes('  d  '))).toContain('unpriced');
    const untagged = JSON.parse((await tokenmeter('calls', '--filter', 'feature=untagged', '--json')).out);
    expect(untagged.calls).toMatchObject([{ call_site: site, cost_usd: '0.000000000001' }]);
    expect((await tokenmeter('calls', '--csv')).out.split('\r\n')).toHaveLength(6);
  });
});
