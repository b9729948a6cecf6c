/**
 * Which processes belong together. The first process of a command names the run in its environment; children, cluster
 * workers and threads inherit the name. So the first one, and no other, prints the summary of all.
 */
import { createRequire } from 'node:module';
import { isMainThread, threadId } from 'node:worker_threads';

const VARIABLE = 'TOKENMETER_RUN';

export interface Lineage {
  readonly run: string;
  /** The first process of the run, in its main thread. */
  readonly first: boolean;
  /** Is this a cluster worker or a thread? Such a one shares its parent's variables and must not share its identity. */
  readonly inherits: () => boolean;
  readonly pid: number;
  readonly thread: number;
}

/** Names the run where nobody has: the only variable that we ever set in the app's environment. */
export function joinRun(): Lineage {
  const inherited = process.env[VARIABLE];
  const run = inherited ?? `${Date.now().toString(36)}-${process.pid}`;
  process.env[VARIABLE] = run;
  return {
    run,
    first: inherited === undefined && isMainThread,
    inherits: () => !isMainThread || isClusterWorker(),
    pid: process.pid,
    thread: threadId,
  };
}

/** Loading cluster takes longer than all the rest here, and a worker of one has loaded it: it talks to its primary. */
function isClusterWorker(): boolean {
  if (process.send === undefined) return false;
  return (createRequire(import.meta.url)('node:cluster') as { isWorker: boolean }).isWorker;
}
