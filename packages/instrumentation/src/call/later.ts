/**
 * Answers that are finished later than the request that asked for them, and can be read any number of times: background
 * responses, batches. Each counts once.
 *
 * - A call of this process whose answer is *running* waits here, and ends with the first finished answer that the app reads.
 * - A finished answer that no call of this process waits for becomes a call when it is read, unless it has been *seen*: by
 *   this process, or, where a ledger remembers, by any other beside it.
 */
import { shared } from '../state.ts';
import type { Call } from './call.ts';
import type { Endpoint } from './facts.ts';
import { guard } from './guard.ts';
import { runtime } from './runtime.ts';

/** Calls that wait; beyond this number the oldest is given up. */
const MOST_WAITING = 1_000;
/** Ids that a process remembers by itself; beyond this number the oldest is forgotten. */
const MOST_SEEN = 10_000;

const waiting: Map<string, Call> = shared('waiting', () => new Map<string, Call>());
const seen: Set<string> = shared('seen', () => new Set<string>());

/** Ids are a provider's: two of them may give the same. */
const keyOf = ({ provider }: Endpoint, id: string): string => `${provider}/${id}`;

export function waitForAnswer(id: string, call: Call): void {
  waiting.set(keyOf(call.endpoint, id), call);
  const [oldest] = waiting;
  if (waiting.size <= MOST_WAITING || oldest === undefined) return;
  waiting.delete(oldest[0]);
  oldest[1].end('abandoned');
}

/** The call that waits for that answer; it waits no longer. */
export function takeWaiting(endpoint: Endpoint, id: string): Call | undefined {
  const key = keyOf(endpoint, id);
  const call = waiting.get(key);
  waiting.delete(key);
  return call;
}

/** Whether that answer has been counted. With `claim` it is from now on. */
export function isAnswerCounted(endpoint: Endpoint, id: string, claim: boolean): boolean {
  const key = keyOf(endpoint, id);
  if (seen.has(key)) return true;
  const memory = guard(() => runtime.options.seenAnswers?.());
  const counted = guard(() => (claim ? memory?.claim(key) === false : memory?.has(key))) === true;
  if (claim || counted) remember(key);
  return counted;
}

function remember(key: string): void {
  seen.add(key);
  const [oldest] = seen;
  if (seen.size > MOST_SEEN && oldest !== undefined) seen.delete(oldest);
}
