/** Real programs as child processes: a free port each, waited for until they are ready, ended by their own process id. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Running {
  readonly child: ChildProcess;
  /** What it said so far, both streams. */
  output(): string;
  /** Ends it and waits: SIGTERM, or the signal that is given. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface StartOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Answers with 2xx when the program is ready. */
  readonly ready: string;
}

const START_MS = 60_000;

export async function start(command: string, args: readonly string[], options: StartOptions): Promise<Running> {
  const child = spawn(command, args, { cwd: options.cwd, env: { ...process.env, ...options.env }, stdio: 'pipe' });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (data: Buffer) => {
      output = (output + data).slice(-200_000);
    });
  }
  const running: Running = {
    child,
    output: () => output,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'close');
      child.kill(signal);
      await ended;
    },
  };
  try {
    await eventually(async () => {
      if (child.exitCode !== null) throw new Stop(`${command} ended with ${child.exitCode}:\n${output}`);
      return (await fetch(options.ready)).ok;
    }, START_MS);
  } catch (error) {
    await running.stop('SIGKILL');
    throw error instanceof Stop ? error : new Error(`${command} was not ready:\n${output}`, { cause: error });
  }
  return running;
}

/** Ends the waiting of {@link eventually}. */
class Stop extends Error {}

/** Asks until the answer is neither false nor undefined nor an error. @throws the last error, or that it took too long. */
export async function eventually<T>(
  ask: () => Promise<T | false | undefined> | T | false | undefined,
  timeoutMs = 30_000,
): Promise<T> {
  const until = Date.now() + timeoutMs;
  let last: unknown;
  while (Date.now() < until) {
    try {
      const answer = await ask();
      if (answer !== false && answer !== undefined) return answer;
      last = undefined;
    } catch (error) {
      if (error instanceof Stop) throw error;
      last = error;
    }
    await sleep(100);
  }
  throw last ?? new Error(`not within ${timeoutMs} ms`);
}

/**
 * Ports that nobody listened on a moment ago; below those that the system gives to outgoing connections, which would take
 * one before the program has.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = 15_000 + Math.floor(Math.random() * 17_000);
    if (!ports.includes(port) && (await isFree(port))) ports.push(port);
  }
  return ports;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const outcome = Promise.race([once(server, 'listening').then(() => true), once(server, 'error').then(() => false)]);
  server.listen(port, '127.0.0.1');
  const free = await outcome.catch(() => false);
  if (free) await once(server.close(), 'close');
  return free;
}
