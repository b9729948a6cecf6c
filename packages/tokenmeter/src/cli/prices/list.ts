/** `tokenmeter prices list [TEXT]`: the prices in force, by provider and model. */
import { quotesOf, type Row } from '@tokenmeter/pricing';
import type { RegisterCommand } from '../command.ts';
import { type Column, count, csv, NONE, table } from '../format.ts';
import { CliError, EXIT, type Io } from '../io.ts';
import { deliver } from '../output.ts';
import { bookName, instantOption, type OpenPrices, openPrices, usd } from './open.ts';

interface ListOptions {
  readonly provider?: string;
  readonly at?: string;
  readonly dir?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly out?: string;
}

export const registerList: RegisterCommand = (prices, io) => {
  prices
    .command('list')
    .description('the prices in force, USD per 1M tokens')
    .argument('[text]', 'only models with this in their name')
    .option('-p, --provider <name>', 'only this seller, e.g. openai')
    .option('--at <time>', 'the prices of another day (ISO 8601)')
    .option('--dir <folder>', 'the ledger, beside which a refreshed book lies')
    .option('-j, --json', 'print JSON: every price of every row, announced ones and variants included')
    .option('--csv', 'print CSV')
    .option('-o, --out <file>', 'write to a file instead of standard output')
    .action((text: string | undefined, options: ListOptions) => list(text, options, io));
};

/** Meters with a column of their own. */
const SHOWN = ['input', 'output', 'cacheRead', 'cacheWrite'] as const;

function list(text: string | undefined, options: ListOptions, io: Io): void {
  if (options.json && options.csv) throw new CliError(EXIT.usage, '--json and --csv exclude each other.');
  const open = openPrices(options, io);
  const at = instantOption('--at', options.at, io);
  const rows = rowsOf(open, text, options.provider);
  if (options.json) deliver(`${JSON.stringify(documentOf(rows, open), null, 2)}\n`, options, io);
  else if (options.csv) deliver(csvOf(rows, at), options, io);
  else deliver(tableOf(rows, at, open), options, io);
}

function rowsOf({ pricer }: OpenPrices, text: string | undefined, provider: string | undefined): readonly Row[] {
  const { book } = pricer;
  const sellers = provider === undefined ? book.sellers : book.sellers.filter((seller) => seller === provider);
  if (sellers.length === 0) {
    throw new CliError(EXIT.usage, `--provider ${provider} has no prices. There are: ${book.sellers.join(', ')}.`);
  }
  const part = text?.toLowerCase() ?? '';
  return sellers.flatMap((seller) =>
    (book.seller(seller)?.rows ?? []).filter((row) => row.id.toLowerCase().includes(part)),
  );
}

function documentOf(rows: readonly Row[], { pricer, origin }: OpenPrices): object {
  return {
    schema: 'tokenmeter.prices/v1',
    book: { version: pricer.version, date: pricer.bookDate, origin },
    rows: rows.map((row) => ({
      id: row.id,
      provider: row.seller,
      model: row.model,
      status: statusOf(row),
      reason: row.unpriced ?? null,
      source: row.origin,
      url: row.url ?? null,
      prices: quotesOf(row).map(({ from, variant, tier, meter, usd, unit }) => {
        return { from: from ?? null, variant: variant ?? null, tier: tier ?? null, meter, usd, per: unit };
      }),
    })),
  };
}

function statusOf(row: Row): string {
  if (row.free) return 'free';
  return row.unpriced !== undefined ? 'unpriced' : row.estimated ? 'estimated' : 'priced';
}

/** The standard prices of a row in force at a time, by meter, and when they began. */
function inForce(row: Row, at: number): { readonly from?: string; readonly rates: ReadonlyMap<string, number> } {
  const standard = quotesOf(row).filter(({ variant, tier }) => variant === undefined && tier === undefined);
  const begun = standard.filter(({ from }) => from === undefined || Date.parse(from) <= at);
  const from = begun.at(-1)?.from;
  return { from, rates: new Map(begun.filter((quote) => quote.from === from).map(({ meter, usd }) => [meter, usd])) };
}

function csvOf(rows: readonly Row[], at: number): string {
  return csv([
    ['provider', 'model', 'status', ...SHOWN.map((meter) => `${meter}_usd_per_1m`), 'from', 'source', 'url'],
    ...rows.map((row) => {
      const { from, rates } = inForce(row, at);
      return [
        row.seller,
        row.model,
        statusOf(row),
        ...SHOWN.map((meter) => rates.get(meter)),
        from,
        row.origin,
        row.url,
      ];
    }),
  ]);
}

const COLUMNS: readonly Column[] = [
  { title: 'Provider' },
  { title: 'Model' },
  { title: 'Input', right: true },
  { title: 'Output', right: true },
  { title: 'Cache Read', right: true },
  { title: 'Cache Write', right: true },
  { title: 'Since' },
  { title: '' },
];

function tableOf(rows: readonly Row[], at: number, open: OpenPrices): string {
  const lines = rows.map((row) => {
    const { from, rates } = inForce(row, at);
    const status = statusOf(row);
    return [
      row.seller,
      row.model,
      ...SHOWN.map((meter) => usd(rates.get(meter))),
      from?.slice(0, 10) ?? NONE,
      [status === 'priced' ? '' : status, ...marksOf(row, at)].filter(Boolean).join(', '),
    ];
  });
  const what = rows.length === 1 ? '1 row' : `${count(rows.length)} rows`;
  return `USD per 1M tokens · ${what} of ${bookName(open)}\n\n${table(COLUMNS, lines)}\n`;
}

/** What the columns do not show. */
function marksOf(row: Row, at: number): string[] {
  const quotes = quotesOf(row);
  const tiers = [...new Set(quotes.flatMap(({ tier }) => tier ?? []))].map((tier) => `more ${tier}`);
  const announced = quotes.find(({ from }) => from !== undefined && Date.parse(from) > at)?.from;
  return [...tiers, ...(announced === undefined ? [] : [`changes ${announced.slice(0, 10)}`])];
}
