/**
 * What a command may touch of its process, so that a test can run one without a process. Data goes to `out`, everything
 * else to `err`.
 */
export interface Io {
  out(text: string): void;
  err(text: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Unix milliseconds. */
  now(): number;
}

/** Exit codes of every command. `doctor` also uses 1, `run` passes on the app's own. */
export const EXIT = { ok: 0, failed: 1, usage: 2, noAnswer: 3 } as const;

/** Ends a command with a message for the user: what happened, where, what to do next. */
export class CliError extends Error {
  override readonly name: string = 'CliError';
  readonly exitCode: number;

  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

export function processIo(): Io {
  // A reader that has seen enough (`| head`) is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(EXIT.ok);
  });
  return {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    env: process.env,
    cwd: process.cwd(),
    now: Date.now,
  };
}
