/**
 * Faults: the ways in which a provider lets a call down, and the text that asks for one.
 *
 * Grammar: `<kind>; <option>=<value>; …`, e.g. `429; retry-after=0.01`, `disconnect; after=2`, `bad-usage; as=negative`.
 */

/** Numbers in a usage object that no provider would send. */
export const USAGE_DISTORTIONS = ['text', 'negative', 'huge', 'null'] as const;
export type UsageDistortion = (typeof USAGE_DISTORTIONS)[number];

/**
 * - `status`: an error status with the provider's own body. `retryAfter` in seconds is sent as `retry-after`; `code`
 *   picks another error of the same status (`insufficient_quota`)
 * - `error-event`: an error inside a stream after `after` events. Answers without a stream are not touched
 * - `disconnect`: the socket dies: before the headers, or with `after` in the middle of a stream (of any other answer: in
 *   the middle of its body)
 * - `hang`: no answer, or with `after` no more of it, until the client gives up
 * - `reject-stream-options`: 400 when the request has `stream_options`, as old OpenAI-compatible hosts do
 * - `no-usage`: the answer has no usage
 * - `bad-usage`: the numbers in the usage are of the wrong type or size
 * - `truncated`: the body is half a JSON document; in a stream, the last event
 */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: number; readonly code?: string }
  | { readonly kind: 'error-event'; readonly after: number }
  | { readonly kind: 'disconnect'; readonly after?: number }
  | { readonly kind: 'hang'; readonly after?: number }
  | { readonly kind: 'reject-stream-options' }
  | { readonly kind: 'no-usage' }
  | { readonly kind: 'bad-usage'; readonly as: UsageDistortion }
  | { readonly kind: 'truncated' };

/** A fault that was read from text, and how many attempts of a call it hits (all, unless `first` says). */
export interface ParsedFault {
  readonly fault: Fault;
  readonly first?: number;
}

type Options = Readonly<Record<string, string>>;

const KINDS: Readonly<Record<string, { options: readonly string[]; read(options: Options): Fault }>> = {
  'error-event': { options: ['after'], read: (given) => ({ kind: 'error-event', after: count(given, 'after') ?? 1 }) },
  disconnect: { options: ['after'], read: (given) => ({ kind: 'disconnect', after: count(given, 'after') }) },
  hang: { options: ['after'], read: (given) => ({ kind: 'hang', after: count(given, 'after') }) },
  'reject-stream-options': { options: [], read: () => ({ kind: 'reject-stream-options' }) },
  'no-usage': { options: [], read: () => ({ kind: 'no-usage' }) },
  'bad-usage': { options: ['as'], read: (given) => ({ kind: 'bad-usage', as: distortion(given.as ?? 'text') }) },
  truncated: { options: [], read: () => ({ kind: 'truncated' }) },
};

const STATUS_OPTIONS = ['retry-after', 'code'];

/** Reads the text form. Throws an Error that says what is allowed. */
export function parseFault(source: string): ParsedFault {
  const [kind = '', ...rest] = source.split(';').map((part) => part.trim());
  const given: Options = Object.fromEntries(rest.filter((part) => part !== '').map(option));
  const status = /^[45]\d\d$/.test(kind) ? Number(kind) : undefined;
  const known = KINDS[kind];
  if (status === undefined && known === undefined) {
    throw new Error(`Unknown fault "${kind}". Known: a status from 400 to 599, ${Object.keys(KINDS).join(', ')}.`);
  }
  const allowed = ['first', ...(known?.options ?? STATUS_OPTIONS)];
  const wrong = Object.keys(given).find((name) => !allowed.includes(name));
  if (wrong !== undefined) throw new Error(`Fault "${kind}" has no option "${wrong}". It has: ${allowed.join(', ')}.`);
  const fault: Fault = known?.read(given) ?? {
    kind: 'status',
    status: status ?? 500,
    retryAfter: count(given, 'retry-after'),
    code: given.code,
  };
  return { fault, first: count(given, 'first') };
}

/** The usage as the fault wants it sent; undefined: not at all. */
export function distort<Raw>(usage: Raw, fault: Fault | undefined): unknown {
  if (fault?.kind === 'no-usage') return undefined;
  if (fault?.kind !== 'bad-usage') return usage;
  return JSON.parse(JSON.stringify(usage), (_, value: unknown) =>
    typeof value === 'number' ? DISTORT[fault.as](value) : value,
  );
}

const DISTORT: Readonly<Record<UsageDistortion, (value: number) => unknown>> = {
  text: (value) => `${value} tokens`,
  negative: (value) => -1 - value,
  huge: () => 1e300,
  null: () => null,
};

function option(part: string): [string, string] {
  const [name = '', value = ''] = part.split('=').map((side) => side.trim());
  return [name, value];
}

function count(given: Options, name: string): number | undefined {
  const value = given[name];
  if (value === undefined) return undefined;
  const result = Number(value);
  if (value === '' || !(result >= 0)) throw new Error(`Fault option ${name}=${value} is not a number >= 0.`);
  return result;
}

function distortion(value: string): UsageDistortion {
  const found = USAGE_DISTORTIONS.find((known) => known === value);
  if (!found) throw new Error(`bad-usage as "${value}" is unknown. Known: ${USAGE_DISTORTIONS.join(', ')}.`);
  return found;
}
