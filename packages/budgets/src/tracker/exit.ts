/** What trackers still have to send when the process ends. One pair of listeners for all of them. */

import { type Leaving, sendLeft } from '../alerts/delivery/leaving.ts';

interface Way {
  flush(timeoutMs: number): Promise<void>;
  leave(): Leaving;
}

const FLUSH_MS = 3000;

/** Weak: one that still has something to send is held by its timers, one that has not may go. */
const ways = new Set<WeakRef<Way>>();
let listening = false;

/** Flushes `way` when the event loop runs empty, and sends what is left when the process exits. */
export function atExit(way: Way): void {
  for (const known of ways) if (known.deref() === undefined) ways.delete(known);
  ways.add(new WeakRef(way));
  if (listening) return;
  listening = true;
  process.on('beforeExit', () => void Promise.all(alive().map((each) => each.flush(FLUSH_MS))));
  process.on('exit', () =>
    sendLeft(
      alive().map((each) => each.leave()),
      FLUSH_MS,
    ),
  );
}

function alive(): Way[] {
  return [...ways].map((way) => way.deref()).filter((way) => way !== undefined);
}
