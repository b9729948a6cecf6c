/**
 * The tracker's way to Slack: calls over the threshold of one endpoint are one message at once and one for all others of
 * five minutes.
 */

import type { Leaving } from '../alerts/delivery/leaving.ts';
import { post, type Target, target } from '../alerts/delivery/post.ts';
import { DeliveryQueue } from '../alerts/delivery/queue.ts';
import { Grouping } from '../alerts/grouping.ts';
import type { BudgetEdge } from '../alerts/types.ts';
import { atExit } from './exit.ts';
import type { TrackedRecord } from './types.ts';
import { type Amounts, alertLine, slackText } from './words.ts';

/** Milliseconds. */
export interface SlackTimings {
  readonly groupMs: number;
  readonly timeoutMs: number;
}

export const SLACK_TIMINGS: SlackTimings = { groupMs: 5 * 60_000, timeoutMs: 3000 };

/** Endpoints that have a message of their own; a path with an id in it must not make thousands. */
const MOST_ENDPOINTS = 200;
const TRIES = 5;

export class SlackWay {
  readonly #grouping: Grouping;
  readonly #queue: DeliveryQueue;
  readonly #target: Target;
  readonly #calls = new WeakMap<BudgetEdge, readonly [TrackedRecord, Amounts]>();
  readonly #endpoints = new Set<string>();

  constructor(webhook: string, warn: (line: string) => void, { groupMs, timeoutMs }: SlackTimings) {
    const to = target(webhook);
    this.#target = to;
    atExit(this);
    this.#queue = new DeliveryQueue({
      retry: { again: (status) => status === 429, tries: TRIES, backoffMs: 1000 },
      timeoutMs,
      post: (body, within, onGone) => post(to, body, within, onGone),
      onSent: () => {},
      onFailed: ({ lost }, reason) => warn(`alert not sent to slack: ${reason}; it says: ${lost.join('; ')}`),
    });
    this.#grouping = new Grouping({
      values: true,
      waitMs: groupMs,
      deliver: ({ edges: [dearest], total }) => {
        const call = this.#calls.get(dearest);
        if (!call) return;
        const text = slackText(...call, total - 1);
        this.#queue.add({ body: JSON.stringify({ text }), lost: [alertLine(...call)] });
      },
    });
  }

  /** Takes a call to Slack, some time. Returns at once. */
  tell(record: TrackedRecord, amounts: Amounts): void {
    const edge = edgeOf(record, amounts, this.#endpoint(record.endpoint));
    this.#calls.set(edge, [record, amounts]);
    this.#grouping.add(edge);
  }

  async flush(timeoutMs: number): Promise<void> {
    this.#grouping.release();
    await this.#queue.flush(timeoutMs);
  }

  /** The end of the process: what is left goes to the queue, and no further. */
  leave(): Leaving {
    this.#queue.close();
    this.#grouping.release();
    return { queue: this.#queue, target: this.#target };
  }

  #endpoint(name: string): string {
    if (this.#endpoints.has(name)) return name;
    if (this.#endpoints.size >= MOST_ENDPOINTS) return 'others';
    this.#endpoints.add(name);
    return name;
  }
}

/** A budget per call, as far as grouping goes: one for each endpoint. */
function edgeOf({ timestamp, model }: TrackedRecord, { cost = 0n, threshold }: Amounts, endpoint: string): BudgetEdge {
  const at = timestamp.getTime();
  return {
    identity: { budget: endpoint, window: 'call', store: '' },
    state: 'OVER',
    threshold: 1,
    unit: 'usd',
    amount: threshold,
    spent: cost,
    coverage: {},
    window: { kind: 'call', start: at },
    at,
    top: [{ model, spent: cost }],
    actions: [],
  };
}
