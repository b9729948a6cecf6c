/**
 * Plans: how a request is to be answered. A request's own headers decide; else the queue that a test filled; else the
 * fault rates; and what none of them says, the server's defaults.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Consumption } from './consumption.ts';
import { type Fault, parseFault } from './faults.ts';
import { isRecord } from './json.ts';
import { seeded } from './random.ts';

/**
 * How an answer ends, beside the usual way. `failed` and `incomplete` are ends of OpenAI's responses, `cancelled` of a
 * realtime one that somebody interrupted.
 */
export type Finish = 'length' | 'refusal' | 'incomplete' | 'failed' | 'cancelled';

/** How to answer a request. Everything is optional. */
export interface Plan {
  /** A fault, or its text form (see `core/faults.ts`). */
  readonly fault?: Fault | string;
  /**
   * Attempts that the plan's fault hits: a queued plan answers that many requests (default 1); a plan from a header hits
   * the first so many attempts of its call (default all).
   */
  readonly attempts?: number;
  /** Milliseconds before the headers. */
  readonly latencyMs?: number;
  /** Milliseconds between the events of a stream. */
  readonly chunkDelayMs?: number;
  /** Pieces of text in a stream. */
  readonly chunks?: number;
  /** Numbers that replace drawn ones. */
  readonly usage?: Partial<Consumption>;
  /** The text of the answer. */
  readonly text?: string;
  /** The response's model. */
  readonly model?: string;
  /** The tier that served the call, in the provider's word. */
  readonly serviceTier?: string;
  readonly finish?: Finish;
  /** Retrievals of a background response that still find it in progress. Default 0. */
  readonly polls?: number;
}

/** A plan whose fault has been read and applies to this very attempt. */
export interface ReadyPlan extends Omit<Plan, 'fault' | 'attempts'> {
  readonly fault: Fault | undefined;
}

/** `x-fake-fault` takes a fault as text, `x-fake-plan` a plan as JSON. */
export const FAULT_HEADER = 'x-fake-fault';
export const PLAN_HEADER = 'x-fake-plan';

/** What the choice of a plan depends on. */
export interface PlanQuestion {
  readonly headers: IncomingHttpHeaders;
  /** 1 for the first attempt of a call. */
  readonly attempt: number;
  /** Tells requests apart: the same key, the same draw. */
  readonly key: string;
}

/** What a server answers with unless something says otherwise. */
export interface PlanDefaults {
  readonly seed: number;
  readonly latencyMs: number;
  readonly chunkDelayMs: number;
  /** Fault text to its probability, in [0, 1]. */
  readonly faultRates: Readonly<Record<string, number>>;
}

/** The plans of one server. */
export class Planner {
  #queue: { plan: Plan; left: number }[] = [];
  readonly #defaults: PlanDefaults;

  constructor(defaults: PlanDefaults) {
    for (const text of Object.keys(defaults.faultRates)) parseFault(text);
    this.#defaults = defaults;
  }

  /** Appends to the queue. Throws on a fault that cannot be read. */
  push(plan: Plan): void {
    const first = typeof plan.fault === 'string' ? parseFault(plan.fault).first : undefined;
    this.#queue.push({ plan, left: plan.attempts ?? first ?? 1 });
  }

  /** Empties the queue. */
  clear(): void {
    this.#queue = [];
  }

  /** The plan for a request. Throws on a header that cannot be read. */
  choose(question: PlanQuestion): ReadyPlan {
    const { latencyMs, chunkDelayMs } = this.#defaults;
    const chosen = fromHeaders(question) ?? this.#fromQueue() ?? this.#fromRates(question);
    return { latencyMs, chunkDelayMs, ...chosen, fault: chosen.fault };
  }

  #fromQueue(): ReadyPlan | undefined {
    const head = this.#queue[0];
    if (!head) return undefined;
    head.left -= 1;
    if (head.left <= 0) this.#queue.shift();
    return ready(head.plan);
  }

  #fromRates(question: PlanQuestion): ReadyPlan {
    let drawn = seeded(this.#defaults.seed, 'rates', question.key, question.attempt)();
    for (const [text, rate] of Object.entries(this.#defaults.faultRates)) {
      if (drawn < rate) return ready({ fault: text });
      drawn -= rate;
    }
    return { fault: undefined };
  }
}

function fromHeaders({ headers, attempt }: PlanQuestion): ReadyPlan | undefined {
  const fault = headers[FAULT_HEADER];
  const source = headers[PLAN_HEADER];
  if (typeof fault !== 'string' && typeof source !== 'string') return undefined;
  const plan = {
    ...(typeof source === 'string' ? parsePlan(source) : {}),
    ...(typeof fault === 'string' && { fault }),
  };
  const { first } = typeof plan.fault === 'string' ? parseFault(plan.fault) : { first: undefined };
  const hits = attempt <= (plan.attempts ?? first ?? Number.POSITIVE_INFINITY);
  return hits ? ready(plan) : { ...plan, fault: undefined };
}

/** A plan from its JSON. Throws when it is none. */
export function parsePlan(source: string): Plan {
  const parsed: unknown = JSON.parse(source);
  if (!isRecord(parsed)) throw new Error('A plan is a JSON object.');
  return parsed;
}

function ready({ attempts: _, ...plan }: Plan): ReadyPlan {
  return { ...plan, fault: typeof plan.fault === 'string' ? parseFault(plan.fault).fault : plan.fault };
}
