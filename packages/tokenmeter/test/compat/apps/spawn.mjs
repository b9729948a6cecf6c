/** Runs a file in a child process, which gets the environment of this one and no flags. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

spawn(process.execPath, [join(import.meta.dirname, process.argv[2])], { stdio: 'inherit' }).on('exit', (code) => {
  process.exitCode = code;
});
