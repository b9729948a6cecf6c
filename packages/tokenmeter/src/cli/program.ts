/** The command line: one module per command, put together here. Parsing is commander's. */
import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config/load.ts';
import { registerAlert } from './alert.ts';
import { registerBudget } from './budget/register.ts';
import { registerCalls } from './calls.ts';
import type { RegisterCommand } from './command.ts';
import { registerDemo } from './demo.ts';
import { registerDoctor } from './doctor.ts';
import { CliError, EXIT, type Io } from './io.ts';
import { registerMonitoring } from './monitoring.ts';
import { registerReplay } from './monitoring-replay.ts';
import { registerPrices } from './prices/index.ts';
import { registerReport } from './report.ts';
import { registerRun } from './run.ts';

declare const __VERSION__: string | undefined;

const COMMANDS: readonly RegisterCommand[] = [
  registerReport,
  registerCalls,
  registerPrices,
  registerRun,
  registerBudget,
  registerAlert,
  registerDoctor,
  registerMonitoring,
  registerReplay,
  registerDemo,
];

/** Runs a command line (without node and script) and gives its exit code. Never rejects for a mistake of the user's. */
export async function main(args: readonly string[], io: Io): Promise<number> {
  let exitCode: number = EXIT.ok;
  const program = new Command('tokenmeter')
    .description('What every LLM call costs, by feature.\nWithout a command: report, for the last 7 days.')
    .addHelpText('after', '\nOptions of the report: tokenmeter report --help')
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.err(text) })
    .showHelpAfterError('(tokenmeter --help shows what there is)')
    .enablePositionalOptions();
  if (typeof __VERSION__ === 'string') program.version(__VERSION__, '-V, --version', 'print the version');
  for (const register of COMMANDS) {
    register(program, io, (code) => {
      exitCode = code;
    });
  }
  try {
    refuseUnknown(program, args[0]);
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    return failure(error, io);
  }
}

/** commander would hand a mistyped command to the default one, as an argument too many. */
function refuseUnknown(program: Command, first: string | undefined): void {
  if (first === undefined || first.startsWith('-') || first === 'help') return;
  const names = program.commands.map((command) => command.name());
  if (names.includes(first)) return;
  throw new CliError(EXIT.usage, `There is no command "${first}". There are: ${names.join(', ')}.`);
}

function failure(error: unknown, io: Io): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof CliError) {
    io.err(`tokenmeter: ${error.message}\n`);
    return error.exitCode;
  }
  if (error instanceof ConfigError) {
    io.err(`${error.message}\n`);
    return EXIT.usage;
  }
  throw error;
}
