/** Runs a file in a worker of a cluster, which ends when its work is done. */
const cluster = require('node:cluster');
const { join } = require('node:path');

cluster.setupPrimary({ exec: join(__dirname, process.argv[2]) });
const worker = cluster.fork();
worker.on('online', () => worker.disconnect());
worker.on('exit', (code) => {
  process.exitCode = code;
});
