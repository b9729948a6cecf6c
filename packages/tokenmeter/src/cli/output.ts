/** Where a result goes, and what is said beside it. */
import { existsSync, writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { BadLine } from '@tokenmeter/ledger';
import { readSwitches, SIGNALS } from '../environment.ts';
import { readStatuses } from '../status.ts';
import { CliError, EXIT, type Io } from './io.ts';
import type { Query } from './query.ts';

/** Writes to `--out`, or to standard output. */
export function deliver(text: string, { out }: Pick<Query, 'out'>, io: Io): void {
  if (out === undefined) {
    io.out(text);
    return;
  }
  const path = isAbsolute(out) ? out : join(io.cwd, out);
  try {
    writeFileSync(path, text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(EXIT.usage, `--out ${out} cannot be written: ${reason}`);
  }
  io.err(`Written to ${path}\n`);
}

const NAMED_LINES = 3;

/** Collects the lines that could not be read, to name them once the reading is done. */
export class BadLines {
  readonly #first: BadLine[] = [];
  count = 0;

  readonly add = (bad: BadLine): void => {
    this.count += 1;
    if (this.#first.length < NAMED_LINES) this.#first.push(bad);
  };

  warn(io: Io): void {
    if (this.count === 0) return;
    const what = this.count === 1 ? '1 line of the ledger was' : `${this.count} lines of the ledger were`;
    io.err(`warning: ${what} skipped; the calls in the others are all counted\n`);
    for (const { file, line, reason } of this.#first) io.err(`  ${file}:${line} ${reason}\n`);
    if (this.count > NAMED_LINES) io.err(`  … and ${this.count - NAMED_LINES} more\n`);
  }
}

/** Why there may be nothing, and what to do about it. */
export function explainEmpty({ dir, filters }: Query, io: Io): void {
  io.err(
    filters.length > 0 ? 'No call of this window passes the filter.\n' : 'The ledger has no call in this window.\n',
  );
  io.err(existsSync(dir) ? `Looked in ${dir}.\n` : `Looked in ${dir}, which does not exist.\n`);
  io.err(`${lastProcess(dir) ?? thisEnvironment(io)}\n`);
  io.err('Next: tokenmeter run -- node app.js records an app here; tokenmeter demo shows how it looks.\n');
}

/** What the latest app here did with its calls, as it said itself. */
function lastProcess(dir: string): string | undefined {
  const status = readStatuses(dir).at(-1);
  if (!status) return undefined;
  const otlp = SIGNALS.map((signal) => `${signal} ${status.reach[signal]}`).join(', ');
  const ledger = status.ledger
    ? `its ledger was ${status.ledger.on ? 'on' : 'off'} (${status.ledger.why})`
    : 'it made no call';
  return `The last app here, ${status.script ?? `process ${status.pid}`} at ${status.writtenAt}: ${ledger}; OTLP: ${otlp}.`;
}

function thisEnvironment({ env }: Io): string {
  const { ledger, asked } = readSwitches(env);
  if (ledger === false) return 'TOKENMETER_LEDGER=0 is set here: an app with it writes no ledger.';
  if (asked.metrics) {
    return 'OTEL_* asks for metrics here: an app whose metrics go there writes no ledger unless TOKENMETER_LEDGER=1 is set.';
  }
  return 'OTLP is not configured here; an app that brings its own OpenTelemetry metrics writes no ledger unless TOKENMETER_LEDGER=1 is set.';
}
