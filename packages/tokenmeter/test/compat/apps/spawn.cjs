/** Runs a file in a child process, which gets the environment of this one and no flags. */
const { spawn } = require('node:child_process');
const { join } = require('node:path');

spawn(process.execPath, [join(__dirname, process.argv[2])], { stdio: 'inherit' }).on('exit', (code) => {
  process.exitCode = code;
});
