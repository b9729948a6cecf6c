/**
 * Content as JSON of bounded size: big prompts push other attributes off their span, and whole batches over the size that
 * a collector takes. The JSON stays whole: what is left out is marked inside it.
 */
import type { Bag } from '../providers/read.ts';
import { cut, LONGEST_TEXT, leftOut } from './messages.ts';

/** Characters of one attribute's JSON. */
export const LONGEST_ATTRIBUTE: number = LONGEST_TEXT;
/** Texts are not cut shorter than this; then messages are left out. */
const SHORTEST_TEXT = 256;

/**
 * JSON of the items, without media; undefined where there are none. Beyond the bound all long texts are cut to the same length, and if
 * that does not do, the first items are left out: what was said last explains the answer.
 */
export function boundedJson(items: readonly unknown[] | undefined): string | undefined {
  if (!items || items.length === 0) return undefined;
  for (let longest = LONGEST_ATTRIBUTE; longest >= SHORTEST_TEXT; longest >>= 1) {
    const json = JSON.stringify(items, cutTo(longest));
    if (json.length <= LONGEST_ATTRIBUTE) return json;
  }
  return lastItems(items);
}

function lastItems(items: readonly unknown[]): string {
  const kept: string[] = [];
  let room = LONGEST_ATTRIBUTE - 200;
  for (const item of items.toReversed()) {
    const json = JSON.stringify(item, cutTo(SHORTEST_TEXT));
    room -= json.length + 1;
    if (room < 0) break;
    kept.unshift(json);
  }
  const left = [{ type: 'left_out', content: `${items.length - kept.length} left out` }];
  return `[${[JSON.stringify({ role: 'system', parts: left }), ...kept].join(',')}]`;
}

/** Media, wherever a provider or a tool has put them: a `data:` URL, or base64 of some length. */
const MEDIA = /^(?:data:[\w.+-]+\/[\w.+*-]+[;,]|[\w+/=-]{1024})/;

function cutTo(longest: number): (this: Bag, key: string, value: unknown) => unknown {
  return function (key, value) {
    // A buffer is an object of numbers by now.
    const held = this[key];
    if (ArrayBuffer.isView(held)) return leftOut(held.byteLength, 'bytes');
    if (typeof value !== 'string') return value;
    if (MEDIA.test(value)) return leftOut(value.length, 'characters');
    return value.length > longest ? cut(value.slice(0, longest), value.length - longest) : value;
  };
}
