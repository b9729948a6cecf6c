/** How a call ends whose WebSocket is gone. */
import type { Call } from '../call/call.ts';
import type { ResponseFacts } from '../call/facts.ts';

/** Codes of a WebSocket that was closed on purpose. */
const ON_PURPOSE: ReadonlySet<unknown> = new Set([1000, 1001, 1005]);

/** `code`: of the close; `facts`: what is known of the answer so far. */
export function endByClose(call: Call, code: unknown, facts?: ResponseFacts): void {
  if (ON_PURPOSE.has(code)) call.end('canceled', facts);
  else call.end('failed', { outputCharacters: 0, ...facts, error: 'connection_closed' });
}
