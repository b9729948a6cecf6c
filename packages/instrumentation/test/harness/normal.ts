/**
 * Takes out of a transcript what differs between two runs of the same code, and nothing else: ports, times, process
 * numbers. Ids are numbered by first appearance, so that "the same id in every chunk" and "the id of the answer in the
 * next request" stay visible.
 */

const ID =
  /\b(chatcmpl|cmpl|resp|msg|req|call|toolu|rs|fc|item|fp|srvtoolu|msgbatch|modr|cmp|v1)[-_][A-Za-z0-9_-]{4,}/g;
const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;
const ORIGIN = /\bhttps?:\/\/(127\.0\.0\.1|localhost):\d+/g;
const ADDRESS = /\b(127\.0\.0\.1|::1|localhost):\d+/g;
const NUMBERS = /(?<=\(node:)\d+|(?<=rejection id: )\d+/g;

/** Keys whose values are times, or what a provider's headers say of its day. */
const MOMENTARY =
  /^(created|created_at|completed_at|date|server-timing|openai-processing-ms|x-ratelimit-.*|anthropic-ratelimit-.*)$/;

/** Keys whose values are ids that do not look like one. */
const IDENTIFYING = /^(responseId|x-goog-request-id)$/;

/** A function that cleans JSON values. One per scenario: it remembers the ids that it has numbered. */
export function normaliser(): <T>(value: T) => T {
  const ids = new Map<string, string>();
  const number = (match: string, kind = 'id'): string => {
    const known = ids.get(match) ?? `<${kind} ${ids.size + 1}>`;
    ids.set(match, known);
    return known;
  };
  const text = (string: string): string =>
    string
      .replace(ORIGIN, '<origin>')
      .replace(ADDRESS, '<address>')
      .replace(NUMBERS, '<number>')
      .replace(UUID, (match) => number(match))
      .replace(ID, (match: string, kind: string) => number(match, kind));
  const clean = (value: unknown, key = ''): unknown => {
    if (MOMENTARY.test(key) && (typeof value === 'number' || typeof value === 'string')) return '<momentary>';
    if (typeof value === 'string') return IDENTIFYING.test(key) ? number(value) : text(value);
    if (Array.isArray(value)) return value.map((item) => clean(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, clean(inner, name)]));
  };
  return <T>(value: T): T => clean(value) as T;
}
