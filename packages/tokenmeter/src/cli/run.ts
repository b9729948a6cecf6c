/**
 * `tokenmeter run -- node app.js`: the app as it is, with `tokenmeter/register` loaded into every Node process that it
 * starts. Its standard streams, exit code and death by signal are the app's own.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { RegisterCommand } from './command.ts';

export const registerRun: RegisterCommand = (program, _io, exit) => {
  program
    .command('run')
    .description('run an app with tokenmeter/register, e.g. tokenmeter run -- node app.js')
    .argument('<command...>', 'program and arguments')
    .passThroughOptions()
    .action(async (command: string[]) => exit(await run(command)));
};

export interface RunOptions {
  /** Added to the app's environment; an undefined value takes a variable out of it. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
}

/**
 * Runs a command to its end.
 *
 * @param command program and arguments
 * @returns the exit code: the app's own, 128 + n after signal n, 127 where the program was not found
 */
export async function run(command: readonly string[], options: RunOptions = {}): Promise<number> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    stdio: 'inherit',
    cwd: options.cwd,
    env: { ...process.env, ...options.env, NODE_OPTIONS: nodeOptions(process.env.NODE_OPTIONS) },
  });
  const release = passSignals(child);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
    });
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(
      `tokenmeter: cannot start ${program}: ${missing ? 'there is no such program on the PATH' : reason}.\n`,
    );
    return missing ? 127 : 126;
  } finally {
    release();
  }
}

/**
 * `NODE_OPTIONS` with our preload after what is there already. `--import` takes a URL, in which spaces are encoded:
 * `NODE_OPTIONS` splits at them.
 */
export function nodeOptions(existing: string | undefined): string {
  const register = new URL('./register.mjs', import.meta.url).href;
  return [existing?.trim(), `--import=${register}`].filter(Boolean).join(' ');
}

/** A terminal sends its signals to the whole group; anybody else sends them to us alone. */
function passSignals(child: ChildProcess): () => void {
  const pass = (signal: NodeJS.Signals): void => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, pass);
  return () => {
    for (const signal of signals) process.removeListener(signal, pass);
  };
}
