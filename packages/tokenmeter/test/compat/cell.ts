/**
 * A cell of the compatibility tables: one child process that makes a few calls. What its provider served and what was
 * recorded are counted apart, and the cell holds where both agree with what the app does.
 */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { type ProviderName, startFakeProvider } from '@tokenmeter/fake-provider';
import { type Attributes, type Ended, ledgerOf, type Running, start } from '../harness.ts';

/** Which cell of which table. */
export interface Place {
  readonly table: string;
  /** Cells of the row's head, separated by ` | `. */
  readonly row: string;
  readonly column: string;
}

export interface Cell extends Place {
  /** Absolute path of the Node that runs it. */
  readonly node: string;
  /** The app's folder; it runs in a new one below. */
  readonly folder: string;
  /** Paths of the app begin with `../`. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Calls that the app makes. */
  readonly calls: number;
  /** Whose wire format it speaks; `none`: no provider of ours serves it. */
  readonly provider: ProviderName | 'none';
}

export interface Outcome extends Place {
  /** Calls in the ledger, of all processes and threads that the cell started. */
  readonly counted: number;
  readonly calls: number;
  /** Why the cell does not hold; empty where it does. */
  readonly complaints: readonly string[];
}

/** Runs all, a few at a time. Results are in their order. */
export async function runAll<T, R>(all: readonly T[], atOnce: number, run: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = all.entries();
  const work = async (): Promise<void> => {
    for (const [index, one] of queue) results[index] = await run(one);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return results;
}

/** The app finds its provider in `PROVIDER_URL`. */
export async function runCell(cell: Cell): Promise<Outcome> {
  const { table, row, column, calls } = cell;
  const provider = await startFakeProvider();
  const path = mkdtempSync(join(cell.folder, 'cell-'));
  const url = cell.provider === 'none' ? '' : provider.baseUrl(cell.provider);
  const env = { PROVIDER_URL: url, TOKENMETER_LEDGER: '1', ...cell.env };
  const { code, signal, stdout, stderr } = await inTime(start({ path }, cell.args, env, cell.node));
  const served = provider.served().entries;
  await provider.close();
  const spans = ledgerOf(path);
  const complaints = [
    code === 0 ? '' : `ended with ${code ?? signal}`,
    (stdout + stderr).trim(),
    spans.length === calls ? '' : `${spans.length} of ${calls} calls were recorded`,
    ...(cell.provider === 'none'
      ? []
      : [
          served.length === calls ? '' : `${served.length} of ${calls} calls were served`,
          tokens(spans) === sum(served.map(({ consumed }) => (consumed?.input ?? 0) + (consumed?.output ?? 0)))
            ? ''
            : 'the tokens differ from those that the provider counted',
        ]),
  ].filter(Boolean);
  return { table, row, column, calls, counted: spans.length, complaints };
}

/** Long enough for a busy machine; what hangs shows as a cell that was killed. */
const DEADLINE = 180_000;

/** The end of a cell's process, which comes in any case. */
export async function inTime({ child, ended }: Running): Promise<Ended> {
  const timer = setTimeout(() => child.kill('SIGKILL'), DEADLINE);
  const end = await ended;
  clearTimeout(timer);
  return end;
}

function tokens(spans: readonly Attributes[]): number {
  return sum(
    spans.flatMap((span) => [Number(span['gen_ai.usage.input_tokens']), Number(span['gen_ai.usage.output_tokens'])]),
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
