/**
 * When edges are told, and which of them together. One grouping stands before each channel.
 *
 * - An edge of a budget with one value is told at once: with all of the same turn of the event loop, so that a call which
 *   crosses three thresholds is one message.
 * - Edges of several values (`each: tenant`) wait up to `waitMs`, where the channel's messages can hold several.
 * - Calls and requests: the first at once, what comes within `waitMs` after it in one digest, and so on until a wait
 *   passes without any. A first `OVER` after warnings does not wait.
 */
import { Collection } from './collection.ts';
import { identityKey, ruleKey } from './identity.ts';
import { passes } from './messages/text.ts';
import type { Alert, BudgetEdge } from './types.ts';

export interface GroupingOptions {
  /** Several values may stand in one message. */
  readonly values: boolean;
  readonly waitMs: number;
  readonly deliver: (alert: Alert) => void;
}

interface Group {
  readonly waiting: Collection;
  /** Of calls and requests: an `OVER` was told. */
  over: boolean;
  timer?: NodeJS.Timeout;
}

export class Grouping {
  readonly #options: GroupingOptions;
  /** By rule: as many as there are budgets. */
  readonly #groups = new Map<string, Group>();
  readonly #now = new Map<string, Collection>();
  #turn?: NodeJS.Immediate;

  constructor(options: GroupingOptions) {
    this.#options = options;
  }

  add(edge: BudgetEdge): void {
    const { identity, window } = edge;
    const rule = ruleKey(identity);
    if (passes(window.kind)) this.#addPassing(rule, edge);
    else if (identity.scope && this.#options.values) this.#addWaiting(rule, edge);
    else this.#addNow(rule, edge);
  }

  /** Tells everything that waits. */
  release(): void {
    clearImmediate(this.#turn);
    this.#tellNow();
    for (const [rule, group] of this.#groups) this.#close(rule, group);
  }

  #addPassing(rule: string, edge: BudgetEdge): void {
    const over = edge.state === 'OVER';
    const group = this.#groups.get(rule);
    if (group && (group.over || !over) && !this.#now.get(rule)?.has(edge)) {
      group.waiting.add(edge);
      return;
    }
    this.#addNow(rule, edge);
    if (group) {
      group.over ||= over;
      return;
    }
    const opened: Group = { waiting: new Collection(), over };
    this.#groups.set(rule, opened);
    this.#openDigest(rule, opened);
  }

  #openDigest(rule: string, group: Group): void {
    group.timer = setTimeout(() => {
      if (group.waiting.empty) this.#groups.delete(rule);
      else {
        this.#tell(group.waiting);
        this.#openDigest(rule, group);
      }
    }, this.#options.waitMs).unref();
  }

  #addWaiting(rule: string, edge: BudgetEdge): void {
    let group = this.#groups.get(rule);
    if (!group) {
      const opened: Group = { waiting: new Collection(), over: false };
      opened.timer = setTimeout(() => this.#close(rule, opened), this.#options.waitMs).unref();
      this.#groups.set(rule, opened);
      group = opened;
    }
    group.waiting.add(edge);
  }

  #close(rule: string, group: Group): void {
    clearTimeout(group.timer);
    this.#groups.delete(rule);
    this.#tell(group.waiting);
  }

  #addNow(rule: string, edge: BudgetEdge): void {
    const key = passes(edge.window.kind) ? rule : identityKey(edge.identity);
    const now = this.#now.get(key) ?? new Collection();
    this.#now.set(key, now);
    now.add(edge);
    this.#turn ??= setImmediate(() => this.#tellNow()).unref();
  }

  #tellNow(): void {
    this.#turn = undefined;
    const collections = [...this.#now.values()];
    this.#now.clear();
    for (const collection of collections) this.#tell(collection);
  }

  #tell(collection: Collection): void {
    const alert = collection.take();
    if (alert) this.#options.deliver(alert);
  }
}
