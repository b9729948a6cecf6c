/** `tokenmeter prices update --from URL|FILE`: takes over a newer price book, for this folder's apps and commands. */
import { resolve } from 'node:path';
import { diffBooks } from '@tokenmeter/pricing';
import { isUrl } from '../../prices/download.ts';
import { RefreshError, refresh } from '../../prices/refresh.ts';
import type { RegisterCommand } from '../command.ts';
import { count } from '../format.ts';
import { CliError, EXIT, type Io } from '../io.ts';
import { openPrices } from './open.ts';

interface UpdateOptions {
  readonly from?: string;
  readonly accept?: boolean;
  readonly dir?: string;
  readonly json?: boolean;
}

export const registerUpdate: RegisterCommand = (prices, io) => {
  prices
    .command('update')
    .description('take over a newer price book from an address or a file')
    .option('--from <source>', 'http(s) address or file; default: prices.refresh.from of tokenmeter.yaml')
    .option('--accept', 'take it over although it is suspicious (a price leapt, rows are gone)')
    .option('--dir <folder>', 'the ledger, beside which the book is kept')
    .option('-j, --json', 'print JSON')
    .action((options: UpdateOptions) => update(options, io));
};

async function update({ from, accept, dir, json }: UpdateOptions, io: Io): Promise<void> {
  const { pricer, folder, config } = openPrices({ dir }, io);
  const given = from ?? config.prices?.refresh?.from;
  if (given === undefined) {
    throw new CliError(EXIT.usage, 'There is no default address. Name one: tokenmeter prices update --from URL|FILE.');
  }
  const source = isUrl(given) ? given : resolve(io.cwd, given);
  const current = pricer.book;
  try {
    const next = await refresh({ from: source, ledgerFolder: folder, current, accept, now: io.now });
    const changes = next === undefined ? 0 : diffBooks(current, next).length;
    const version = (next ?? current).version;
    const document = {
      schema: 'tokenmeter.price-update/v1',
      from: source,
      updated: next !== undefined,
      version,
      changes,
    };
    if (json) io.out(`${JSON.stringify(document, null, 2)}\n`);
    else if (next === undefined) io.out(`Price book ${version} is the newest there is.\n`);
    else
      io.out(
        `Price book ${version} is in use here: ${count(changes)} changes. Next: tokenmeter prices diff shows them.\n`,
      );
  } catch (error) {
    if (!(error instanceof RefreshError)) throw error;
    throw new CliError(EXIT.noAnswer, `Prices stay as they are, those of ${current.version}. ${error.message}.`);
  }
}
