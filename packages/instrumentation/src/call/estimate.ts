/**
 * A usage estimate for calls whose provider sent no count: an aborted stream, a host without usage in streams. It is always
 * marked (`usageSource: 'estimated'`, cost status `estimated`) and never enters the standard token metric.
 */
import { types } from 'node:util';
import type { UsageReport } from '@tokenmeter/pricing';

/** Characters per token. Four is OpenAI's own rule of thumb for English text. */
const CHARACTERS_PER_TOKEN = 4;

export function estimateTokens(characters: number): number {
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}

/** `known` is what the provider did send before the call broke off, e.g. the exact input. */
export function estimateUsage(
  inputCharacters: number,
  outputCharacters: number,
  known: UsageReport | undefined,
): UsageReport {
  const input = known?.usage.input ?? estimateTokens(inputCharacters);
  const output = Math.max(known?.usage.output ?? 0, estimateTokens(outputCharacters));
  return {
    usage: { ...known?.usage, input, output },
    context: known?.context ?? {},
    flags: [...(known?.flags ?? []), 'usage_estimated'],
  };
}

/**
 * Adds up the characters of all strings in a request's prompt, at any depth; one beyond ASCII counts as its bytes in UTF-8,
 * because such scripts take more tokens. Data URLs and base64 are not text: a string of more than 1,024 characters that
 * begins like one is left out, and so are bytes. A list of numbers is a prompt that the app has cut into tokens itself, as
 * OpenAI's embeddings take it, and counts as that many.
 *
 * Runs none of the app's code: what is behind an accessor or a proxy is left out, since the SDK reads it once, and an app
 * may tell a second time.
 */
export function countCharacters(value: unknown, depth = 0): number {
  if (typeof value === 'string') return isText(value) ? Buffer.byteLength(value) : 0;
  if (depth > 12 || typeof value !== 'object' || value === null) return 0;
  if (types.isProxy(value) || ArrayBuffer.isView(value)) return 0;
  if (Array.isArray(value) && typeof ownValue(value, '0') === 'number') return value.length * CHARACTERS_PER_TOKEN;
  let sum = 0;
  for (const key of Object.keys(value)) {
    sum += countCharacters(ownValue(value, key), depth + 1);
  }
  return sum;
}

function ownValue(holder: object, key: string): unknown {
  return Object.getOwnPropertyDescriptor(holder, key)?.value;
}

const ENCODED = /^(?:data:|[\w+/=-]*$)/;

function isText(value: string): boolean {
  return value.length <= 1024 || !ENCODED.test(value.slice(0, 256));
}
