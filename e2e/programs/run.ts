/** Running a command to its end, with an error that says what happened. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export class CommandFailed extends Error {
  override readonly name: string = 'CommandFailed';
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Standard output of a command. @throws CommandFailed when it does not start or does not end with 0. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): string {
  const done = spawnSync(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (done.error !== undefined) throw new CommandFailed(`${command} did not start: ${done.error.message}`);
  if (done.status === 0) return done.stdout;
  const said = `${done.stdout}${done.stderr}`.trim().split('\n').slice(-15).join('\n');
  throw new CommandFailed(`${[command, ...args].join(' ')} ended with ${done.status ?? done.signal}:\n${said}`);
}

/** Is the command on the PATH? */
export function has(command: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, command)));
}
