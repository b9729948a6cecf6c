import type { Command } from 'commander';
import type { Io } from './io.ts';

/**
 * Adds a command to the program. Its action throws a `CliError` where it cannot go on, and calls `exit` with its exit code
 * where that is not 0.
 */
export type RegisterCommand = (program: Command, io: Io, exit: (code: number) => void) => void;
