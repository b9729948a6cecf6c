/** Runs a file in a thread. */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

new Worker(join(import.meta.dirname, process.argv[2]));
