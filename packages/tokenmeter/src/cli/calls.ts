/** `tokenmeter calls`: single calls of the ledger, the dearest first. */
import { type CallRecord, filterOf, LedgerReadError, readCalls } from '@tokenmeter/ledger';
import { InvalidArgumentError, Option } from 'commander';
import { callsCsv, callsDocument, callsTable } from './calls-formats.ts';
import type { RegisterCommand } from './command.ts';
import { CliError, EXIT, type Io } from './io.ts';
import { BadLines, deliver, explainEmpty } from './output.ts';
import { type Query, type QueryOptions, queryOf, withQueryOptions } from './query.ts';
import { Top } from './top.ts';

type Order = (a: CallRecord, b: CallRecord) => number;

const newestFirst: Order = (a, b) => b.startTime - a.startTime;

/** Each puts what a reader looks for first; equals are the newest first. Calls without an amount come after all others. */
const ORDERS: Readonly<Record<string, Order>> = {
  cost: (a, b) => compare(b.cost.pico ?? -1n, a.cost.pico ?? -1n) || newestFirst(a, b),
  time: newestFirst,
  tokens: (a, b) => tokens(b) - tokens(a) || newestFirst(a, b),
};

interface CallsOptions extends QueryOptions {
  readonly sort: string;
  readonly limit: number;
}

export const registerCalls: RegisterCommand = (program, io) => {
  withQueryOptions(program.command('calls'))
    .description('single calls, the dearest first')
    .addOption(new Option('--sort <order>', 'what comes first').choices(Object.keys(ORDERS)).default('cost'))
    .option('-n, --limit <count>', 'how many calls', positive, 20)
    .action((options: CallsOptions) => calls(options, io));
};

async function calls(options: CallsOptions, io: Io): Promise<void> {
  const query = queryOf(options, io);
  const bad = new BadLines();
  const order = ORDERS[options.sort] ?? newestFirst;
  const { list, seen } = await first(query, order, options.limit, bad);
  bad.warn(io);
  if (seen === 0) explainEmpty(query, io);
  if (query.format === 'json') {
    deliver(`${JSON.stringify(callsDocument(list, seen, query, bad.count), null, 2)}\n`, query, io);
  } else if (query.format === 'csv') deliver(callsCsv(list), query, io);
  else if (seen > 0) deliver(callsTable(list, seen, options.sort, query), query, io);
}

async function first(
  query: Query,
  order: Order,
  limit: number,
  bad: BadLines,
): Promise<{ list: CallRecord[]; seen: number }> {
  const top = new Top(order, limit);
  const wanted = filterOf(query.filters, query.timeZone);
  try {
    for await (const call of readCalls({ ...query, onBadLine: bad.add })) if (wanted(call)) top.add(call);
  } catch (error) {
    if (error instanceof LedgerReadError) throw new CliError(EXIT.noAnswer, error.message);
    throw error;
  }
  return { list: top.list(), seen: top.seen };
}

function tokens({ usage }: CallRecord): number {
  return (usage?.input ?? 0) + (usage?.output ?? 0);
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function positive(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError('Give a whole number from 1 to 9,999,999.');
  return Number(text);
}
