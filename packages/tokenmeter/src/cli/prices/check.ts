/** `tokenmeter prices check`: is the book fresh, and does it price every model that was called? */
import { filterOf, LedgerReadError, readCalls } from '@tokenmeter/ledger';
import { InvalidArgumentError } from 'commander';
import type { RegisterCommand } from '../command.ts';
import { type Column, count, csv, NONE, table } from '../format.ts';
import { CliError, EXIT, type Io } from '../io.ts';
import { BadLines, deliver } from '../output.ts';
import { type Query, type QueryOptions, queryOf, withQueryOptions } from '../query.ts';
import { bookName, type OpenPrices, openPrices } from './open.ts';

const DAY_MS = 86_400_000;
const MAX_AGE_DAYS = 30;

interface CheckOptions extends QueryOptions {
  readonly maxAge: number;
}

/** A model whose calls have no amount. */
interface Unpriced {
  readonly provider: string;
  readonly model: string;
  calls: number;
  /** Remarks on why, as the calls have them. */
  readonly reasons: Set<string>;
  /** The prices in use here would price it. */
  readonly known: boolean;
}

export const registerCheck: RegisterCommand = (prices, io, exit) => {
  withQueryOptions(prices.command('check'))
    .description('the age of the price book, and the models of the ledger without a price; exit code 1 if there is one')
    .option('--max-age <days>', 'older books fail the check', days, MAX_AGE_DAYS)
    .action(async (options: CheckOptions) => {
      if (!(await check(options, io))) exit(EXIT.failed);
    });
};

async function check(options: CheckOptions, io: Io): Promise<boolean> {
  const query = queryOf(options, io);
  const open = openPrices(options, io);
  const bad = new BadLines();
  const unpriced = await unpricedOf(query, open, bad);
  bad.warn(io);
  const age = Math.floor((io.now() - Date.parse(open.pricer.bookDate)) / DAY_MS);
  const fresh = age <= options.maxAge;
  if (query.format === 'json')
    deliver(`${JSON.stringify(documentOf(unpriced, age, options, query, open), null, 2)}\n`, query, io);
  else if (query.format === 'csv') deliver(csvOf(unpriced), query, io);
  else deliver(textOf(unpriced, age, fresh, open), query, io);
  return fresh && unpriced.length === 0;
}

async function unpricedOf(query: Query, { pricer }: OpenPrices, bad: BadLines): Promise<Unpriced[]> {
  const found = new Map<string, Unpriced>();
  const wanted = filterOf(query.filters, query.timeZone);
  try {
    for await (const call of readCalls({ ...query, onBadLine: bad.add })) {
      if (call.cost.status !== 'unpriced' || !wanted(call)) continue;
      const { provider, serverAddress: host } = call;
      const model = call.responseModel ?? call.requestModel ?? '';
      const key = `${provider} ${model}`;
      const known = pricer.knows({ provider, host, requestModel: model, at: call.startTime });
      const entry = found.get(key) ?? { provider, model, calls: 0, reasons: new Set(), known };
      entry.calls += 1;
      for (const flag of call.cost.flags) if (flag.startsWith('unpriced')) entry.reasons.add(flag);
      found.set(key, entry);
    }
  } catch (error) {
    if (error instanceof LedgerReadError) throw new CliError(EXIT.noAnswer, error.message);
    throw error;
  }
  return [...found.values()].sort((a, b) => b.calls - a.calls);
}

function documentOf(
  unpriced: readonly Unpriced[],
  age: number,
  { maxAge }: CheckOptions,
  query: Query,
  { pricer, origin }: OpenPrices,
): object {
  return {
    schema: 'tokenmeter.price-check/v1',
    book: { version: pricer.version, date: pricer.bookDate, origin, age_days: age, max_age_days: maxAge },
    window: { since: new Date(query.since).toISOString(), until: new Date(query.until).toISOString() },
    unpriced: unpriced.map(({ provider, model, calls, reasons, known }) => {
      return { provider, model: model || null, calls, reasons: [...reasons], priced_now: known };
    }),
  };
}

function csvOf(unpriced: readonly Unpriced[]): string {
  const rows = unpriced.map(({ provider, model, calls, known }) => [provider, model, calls, String(known)]);
  return csv([['provider', 'model', 'calls', 'priced_now'], ...rows]);
}

const COLUMNS: readonly Column[] = [
  { title: 'Provider' },
  { title: 'Model' },
  { title: 'Unpriced Calls', right: true },
  { title: 'Today' },
];

function textOf(unpriced: readonly Unpriced[], age: number, fresh: boolean, open: OpenPrices): string {
  const state = fresh ? '✓' : '✗';
  const advice = fresh ? '' : '\n  Next: a newer version of tokenmeter, or tokenmeter prices update --from URL.';
  const lines = [`${state} ${bookName(open)} is ${age === 1 ? '1 day' : `${age} days`} old${advice}`];
  if (unpriced.length === 0)
    return `${lines.join('\n')}\n✓ every call of the window whose usage is known has a price\n`;
  const rows = unpriced.map(({ provider, model, calls, known }) => {
    return [provider, model || NONE, count(calls), known ? 'has a price' : 'no price'];
  });
  return [
    ...lines,
    `✗ ${unpriced.length === 1 ? '1 model has' : `${unpriced.length} models have`} calls without a price`,
    '',
    table(COLUMNS, rows),
    '',
    'Next: tokenmeter prices explain MODEL --provider PROVIDER says what was looked for.',
    '',
  ].join('\n');
}

function days(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('Give a whole number of days.');
  return Number(text);
}
