/** Runs a file in a child process, which gets the flags of this one. */
const { fork } = require('node:child_process');
const { join } = require('node:path');

fork(join(__dirname, process.argv[2])).on('exit', (code) => {
  process.exitCode = code;
});
