/** `tokenmeter prices …`: what a model costs, why, what changed, and whether the book is good for the calls that were made. */
import type { RegisterCommand } from '../command.ts';
import { registerCheck } from './check.ts';
import { registerDiff } from './diff.ts';
import { registerExplain } from './explain.ts';
import { registerExport } from './export.ts';
import { registerList } from './list.ts';
import { registerUpdate } from './update.ts';

const COMMANDS: readonly RegisterCommand[] = [
  registerList,
  registerExplain,
  registerDiff,
  registerCheck,
  registerUpdate,
  registerExport,
];

export const registerPrices: RegisterCommand = (program, io, exit) => {
  const prices = program.command('prices').description('what models cost, why, and how current that is');
  for (const register of COMMANDS) register(prices, io, exit);
};
