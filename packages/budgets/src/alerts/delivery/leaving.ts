/** What queues still hold when the process ends: one last try for all of them together, then the rest is given up. */
import { postLast, UNANSWERED, UNREACHED } from './last.ts';
import type { Target } from './post.ts';
import type { DeliveryQueue } from './queue.ts';

/** A queue, and where it posts to. */
export interface Leaving {
  readonly queue: DeliveryQueue;
  readonly target: Target;
}

/** Synchronous; takes `timeoutMs` at most. Never throws what the queues do not throw. */
export function sendLeft(leaving: readonly Leaving[], timeoutMs: number): void {
  const left = leaving.map(({ queue, target }) => ({ queue, target, items: queue.leave() }));
  const bags = left.map(({ target, items }) => ({ target, bodies: items.map(({ body }) => body) }));
  if (bags.every(({ bodies }) => bodies.length === 0)) return;
  const statuses = postLast(bags, timeoutMs);
  for (const [at, { queue, target, items }] of left.entries()) {
    for (const [index, item] of items.entries()) {
      const reason = reasonOf(target.url.host, statuses?.[at]?.[index]);
      if (reason !== undefined) queue.fail(item, reason);
    }
  }
}

/** Why the last try was in vain; undefined where it was not. */
function reasonOf(host: string, status: number | undefined): string | undefined {
  if (status === undefined) return 'the process ended';
  if (status === UNREACHED) return `the process ended, and ${host} could not be reached`;
  if (status === UNANSWERED) return `the process ended, and ${host} did not answer in time`;
  return status >= 200 && status < 300 ? undefined : `the process ended, and ${host} answered ${status}`;
}
