/**
 * Counts what a query's program did, from the messages that it sends. A `result` says what each model has used since the
 * program started, with its cost, so that two results differ by what came between them: one call per model. Messages of
 * the models themselves state their output before it is complete; they count, as an estimate, only where no result does:
 * when the app leaves, and in the first part of a resumed session, whose totals have earlier parts inside.
 */
import type { Outcome } from '@tokenmeter/semconv';
import { guard } from '../../call/guard.ts';
import { type Bag, bag, text } from '../../providers/read.ts';
import { handOver, now } from '../hand-over.ts';
import { endpointOf, message, messageFacts, modelUsage } from './method.ts';

/** Fields of a model's usage that add up. */
const COUNTS = [
  'inputTokens',
  'outputTokens',
  'thinkingTokens',
  'cacheReadInputTokens',
  'cacheCreationInputTokens',
  'cacheCreationEphemeral5mInputTokens',
  'cacheCreationEphemeral1hInputTokens',
  'webSearchRequests',
  'costUSD',
] as const;

export class Session {
  #resumed: boolean;
  #began = now();
  #totals: Bag = {};
  /** Messages since the last result, by id: each is sent several times while it grows. */
  readonly #messages = new Map<string, Bag>();

  /** @param resumed whether totals go on from an earlier session */
  constructor(resumed: boolean) {
    this.#resumed = resumed;
  }

  read(value: unknown): void {
    const sent = bag(value);
    if (sent?.type === 'assistant') this.#keep(bag(sent.message));
    if (sent?.type === 'result') this.#settle(bag(sent.modelUsage) ?? {});
  }

  /** Nothing more will come. */
  end(outcome: Outcome): void {
    for (const body of this.#messages.values()) {
      guard(() => handOver(message, body.model, endpointOf({}), this.#began).end(outcome, messageFacts(body)));
    }
    this.#messages.clear();
  }

  #keep(body: Bag | undefined): void {
    const id = text(body?.id);
    if (body && id !== undefined) this.#messages.set(id, body);
  }

  #settle(totals: Bag): void {
    const models = Object.keys(totals);
    if (this.#resumed || models.length === 0) this.end('completed');
    else for (const model of models) this.#count(model, bag(totals[model]) ?? {}, bag(this.#totals[model]));
    this.#messages.clear();
    if (models.length > 0) this.#totals = totals;
    this.#resumed = false;
    this.#began = now();
  }

  #count(model: string, total: Bag, before: Bag | undefined): void {
    const usage = before ? difference(total, before) : total;
    if (COUNTS.every((key) => !usage[key])) return;
    guard(() => handOver(modelUsage, model, endpointOf(total), this.#began).complete(usage));
  }
}

/** What came after `before`. A total that became less began anew (`/clear`). */
function difference(total: Bag, before: Bag): Bag {
  const since: Record<string, unknown> = { ...total };
  for (const key of COUNTS) {
    const [to, from] = [total[key], before[key]];
    if (typeof to !== 'number' || typeof from !== 'number') continue;
    if (to < from) return total;
    since[key] = to - from;
  }
  return since;
}
