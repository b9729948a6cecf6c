/** Runs a file in a worker of a cluster, which ends when its work is done. */
import cluster from 'node:cluster';
import { join } from 'node:path';

cluster.setupPrimary({ exec: join(import.meta.dirname, process.argv[2]) });
const worker = cluster.fork();
worker.on('online', () => worker.disconnect());
worker.on('exit', (code) => {
  process.exitCode = code;
});
