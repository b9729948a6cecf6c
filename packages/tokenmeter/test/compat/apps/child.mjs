/** Runs a file in a child process, which gets the flags of this one. */
import { fork } from 'node:child_process';
import { join } from 'node:path';

fork(join(import.meta.dirname, process.argv[2])).on('exit', (code) => {
  process.exitCode = code;
});
