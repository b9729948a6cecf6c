/** `tokenmeter prices export`: the price book in use as the file that `prices update --from` reads. */
import { bundledBookText } from '@tokenmeter/pricing';
import { bookText } from '../../prices/cache.ts';
import type { RegisterCommand } from '../command.ts';
import { deliver } from '../output.ts';
import { openPrices } from './open.ts';

interface ExportOptions {
  readonly dir?: string;
  readonly out?: string;
}

export const registerExport: RegisterCommand = (prices, io) => {
  prices
    .command('export')
    .description('the price book in use, as a file for prices update --from')
    .option('--dir <folder>', 'the ledger, beside which a refreshed book lies')
    .option('-o, --out <file>', 'write to a file instead of standard output')
    .action((options: ExportOptions) => {
      const { pricer, folder, origin } = openPrices(options, io);
      deliver(origin === 'bundled' ? bundledBookText() : bookText(folder, pricer.version), options, io);
    });
};
