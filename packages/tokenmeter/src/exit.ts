/**
 * The end of a process. Three ways lead there:
 *
 * - the event loop runs empty (`beforeExit`): exporters are flushed, which keeps the process alive until they are done;
 * - SIGTERM or SIGINT: where the app has no handler of its own, ours flushes for a bounded time, finishes and raises the
 *   signal again, so that the parent sees the same death (143, 130); where it has one, the app decides;
 * - `process.exit()` or an uncaught error: only synchronous work is left (`exit`).
 *
 * `endCalls` and `finish` are that synchronous work: they run on every way, exactly once.
 */
import { isMainThread } from 'node:worker_threads';

export interface ExitOptions {
  /** Pushes everything out that exporters hold. Must not reject. */
  readonly flush: () => Promise<void>;
  /** Has anything happened since the last flush? */
  readonly pending: () => boolean;
  /** Ends the calls that are still open; before a last flush, where there is one. Synchronous. */
  readonly endCalls: () => void;
  /** Writes what is left. Synchronous; a throw is swallowed. */
  readonly finish: () => void;
}

/** How long a signal may wait for exporters. Kubernetes kills after 30 s, docker stop after 10 s. */
const SIGNAL_FLUSH_MS = 3000;

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

export function handleExit(options: ExitOptions): void {
  let finished = false;
  const finish = (): void => {
    if (finished) return;
    finished = true;
    try {
      options.endCalls();
      options.finish();
    } catch {}
  };
  process.on('exit', finish);
  process.on('beforeExit', () => {
    // Nothing is left that could end them: what nobody has read by now, nobody reads.
    options.endCalls();
    if (options.pending()) void options.flush();
  });
  // Signals reach the main thread only.
  if (!isMainThread) return;
  for (const signal of SIGNALS) {
    let impatient = false;
    const handler = (): void => {
      if (appHandles(signal)) return;
      const die = (): void => {
        finish();
        process.removeListener(signal, handler);
        process.kill(process.pid, signal);
      };
      // The second time, nobody wants to wait.
      if (impatient) die();
      else {
        impatient = true;
        options.endCalls();
        void within(SIGNAL_FLUSH_MS, options.flush()).finally(die);
      }
    };
    process.on(signal, handler);
  }
}

/**
 * Does anybody but us listen to the signal? The package `signal-exit` does not count: it kills the process itself, but
 * only if it finds no listener but its own, so that it and we would wait for each other.
 */
function appHandles(signal: NodeJS.Signals): boolean {
  return process.listenerCount(signal) - 1 > signalExitListeners();
}

function signalExitListeners(): number {
  const emitters: unknown[] = [
    Reflect.get(globalThis, Symbol.for('signal-exit emitter')),
    Reflect.get(process, '__signal_exit_emitter__'),
  ];
  return emitters.reduce<number>((sum, emitter) => {
    const count: unknown = emitter !== null && typeof emitter === 'object' ? Reflect.get(emitter, 'count') : 0;
    return sum + (typeof count === 'number' ? count : 0);
  }, 0);
}

async function within(milliseconds: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work, limit]);
  clearTimeout(timer);
}
