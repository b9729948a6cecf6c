/**
 * `tokenmeter doctor`: what is patched, in which version, where the data goes, and what needs a hand. It runs outside of
 * the app and reads what the processes left about themselves; with `-- node app.js` it starts the app first.
 */
import { readStatuses, type Status } from '../status.ts';
import { money } from '../summary.ts';
import type { RegisterCommand } from './command.ts';
import { type Finding, findings, nameOf } from './findings.ts';
import { EXIT, type Io } from './io.ts';
import { ledgerDir } from './query.ts';
import { run } from './run.ts';

export const registerDoctor: RegisterCommand = (program, io, exit) => {
  program
    .command('doctor')
    .description(
      'what is patched, where data goes, what needs a hand; tokenmeter doctor -- node app.js runs the app first',
    )
    .argument('[command...]', 'the app, to be run first')
    .option('--dir <folder>', 'the ledger whose processes to look at')
    .passThroughOptions()
    .action(async (command: string[], options: { dir?: string }) => exit(await doctor(command, options.dir, io)));
};

async function doctor(command: readonly string[], dir: string | undefined, io: Io): Promise<number> {
  const folder = ledgerDir(dir, io);
  const since = new Date(io.now()).toISOString();
  if (command.length > 0) {
    const code = await run(command, { env: { TOKENMETER_STATUS: '1' } });
    if (code !== 0) io.err(`tokenmeter: the app ended with exit code ${code}\n`);
  }
  const all = readStatuses(folder);
  const statuses = command.length > 0 ? all.filter((status) => status.startedAt >= since) : lastRuns(all);
  if (statuses.length === 0) {
    io.out(nothingKnown(folder, command.length > 0));
    return EXIT.failed;
  }
  const found = findings(statuses);
  io.out(`${statuses.map(describe).join('\n')}\n${advice(found)}`);
  return found.length === 0 ? EXIT.ok : EXIT.failed;
}

/** Of each script the processes of its last run: what was wrong before may be mended by now. */
function lastRuns(statuses: readonly Status[]): Status[] {
  const last = new Map<string | undefined, string>();
  for (const status of statuses) last.set(status.script, status.run);
  return statuses.filter((status) => last.get(status.script) === status.run);
}

function describe(status: Status): string {
  const { features } = status.tally;
  const calls = features.reduce((sum, row) => sum + row.calls, 0);
  const ledger =
    status.ledger === undefined
      ? 'not decided before the first call'
      : `${status.ledger.on ? status.ledger.folder : 'off'} (${status.ledger.why})`;
  return [
    `${nameOf(status)}, Node ${status.node}, tokenmeter ${status.tokenmeter}, ${status.startedAt}`,
    ...status.packages.map(
      ({ name, version, targets }) => `  patched   ${name} ${version ?? ''}: ${targets.join(', ') || 'nothing'}`,
    ),
    `  ledger    ${ledger}`,
    `  traces    ${REACH[status.reach.traces]}`,
    `  metrics   ${REACH[status.reach.metrics]}`,
    `  calls     ${calls}${calls > 0 ? `, ${money(features)}` : ''}`,
    '',
  ].join('\n');
}

const REACH: Readonly<Record<Status['reach']['traces'], string>> = {
  joined: 'the app’s own provider',
  started: 'started by Tokenmeter, as OTEL_* asks for',
  off: 'off',
};

function advice(found: readonly Finding[]): string {
  if (found.length === 0) return 'Nothing needs a hand.\n';
  const lines = found.map(({ what, next }, at) => `${at + 1}. ${what}\n   → ${next}`);
  return `What needs a hand:\n${lines.join('\n')}\n`;
}

function nothingKnown(folder: string, ran: boolean): string {
  return ran
    ? `The app ran, but register did not run in it, or wrote no status to ${folder}. Is it a Node.js app, and does it run in this folder?\n`
    : `No process has left a status in ${folder}. Start the app with Tokenmeter, or let doctor start it: tokenmeter doctor -- node app.js\n`;
}
