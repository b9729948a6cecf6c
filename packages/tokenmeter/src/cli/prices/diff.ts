/** `tokenmeter prices diff [FILE]`: what changes between two price books. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  bundledBook,
  diffBooks,
  type PriceBook,
  PriceBookError,
  type PriceChange,
  readBook,
  suspicious,
} from '@tokenmeter/pricing';
import type { RegisterCommand } from '../command.ts';
import { type Column, count, table } from '../format.ts';
import { CliError, EXIT, type Io } from '../io.ts';
import { deliver } from '../output.ts';
import { openPrices, usd } from './open.ts';

interface DiffOptions {
  readonly dir?: string;
  readonly json?: boolean;
  readonly out?: string;
}

export const registerDiff: RegisterCommand = (prices, io) => {
  prices
    .command('diff')
    .description('what changes between two price books')
    .argument('[file]', 'a book to compare the one in use with; without it: the bundled book with the refreshed one')
    .option('--dir <folder>', 'the ledger, beside which a refreshed book lies')
    .option('-j, --json', 'print JSON')
    .option('-o, --out <file>', 'write to a file instead of standard output')
    .action((file: string | undefined, options: DiffOptions) => diff(file, options, io));
};

function diff(file: string | undefined, options: DiffOptions, io: Io): void {
  const { pricer, origin } = openPrices(options, io);
  if (file === undefined && origin === 'bundled') {
    io.err(
      'No refreshed book is in use here, so there is nothing to compare. Next: tokenmeter prices update --from URL.\n',
    );
  }
  const before = file === undefined ? bundledBook() : pricer.book;
  const after = file === undefined ? pricer.book : bookOf(file, io);
  const changes = diffBooks(before, after);
  const doubts = suspicious(after, before);
  const text = options.json
    ? `${JSON.stringify(documentOf(before, after, changes, doubts), null, 2)}\n`
    : textOf(before, after, changes, doubts);
  deliver(text, options, io);
}

function bookOf(file: string, io: Io): PriceBook {
  const path = resolve(io.cwd, file);
  try {
    return readBook(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof PriceBookError) throw new CliError(EXIT.usage, `${path} is no price book: ${error.message}.`);
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(EXIT.usage, `${path} cannot be read: ${reason}`);
  }
}

function documentOf(
  before: PriceBook,
  after: PriceBook,
  changes: readonly PriceChange[],
  doubts: readonly string[],
): object {
  return {
    schema: 'tokenmeter.price-diff/v1',
    before: { version: before.version, date: before.date },
    after: { version: after.version, date: after.date },
    suspicious: doubts,
    changes: changes.map(({ kind, row, quote, before: from, after: to }) => ({
      kind,
      row,
      meter: quote?.meter ?? null,
      variant: quote?.variant ?? null,
      tier: quote?.tier ?? null,
      from: quote?.from ?? null,
      per: quote?.unit ?? null,
      before_usd: from ?? null,
      after_usd: to ?? null,
    })),
  };
}

const COLUMNS: readonly Column[] = [
  { title: '' },
  { title: 'Row' },
  { title: 'Price' },
  { title: 'Before', right: true },
  { title: 'After', right: true },
  { title: 'per' },
];

const SIGN: Readonly<Record<PriceChange['kind'], string>> = { added: '+', removed: '-', changed: '~' };

function textOf(
  before: PriceBook,
  after: PriceBook,
  changes: readonly PriceChange[],
  doubts: readonly string[],
): string {
  const head = `Price book ${before.version} → ${after.version}`;
  if (changes.length === 0) return `${head}: no price changes.\n`;
  const rows = changes.map(({ kind, row, quote, before: from, after: to }) => {
    const price =
      quote === undefined
        ? 'the whole row'
        : [quote.meter, quote.variant, quote.tier, quote.from].filter(Boolean).join(' ');
    return [SIGN[kind], row, price, usd(from), usd(to), quote?.unit ?? ''];
  });
  const what = changes.length === 1 ? '1 change' : `${count(changes.length)} changes`;
  const warned = doubts.length === 0 ? '' : `\n\nSuspicious:\n${doubts.map((doubt) => `  ${doubt}`).join('\n')}`;
  return `${head}: ${what}\n\n${table(COLUMNS, rows)}\n\nKey: ~ changed, + added, - removed${warned}\n`;
}
