/**
 * What a call consumed, drawn from the request: input from its characters, output up to its maximum, and the details
 * that make bills hard to read (cache reads and writes, reasoning). The same request consumes the same.
 */
import { type Json, record } from './json.ts';
import { between, type Random } from './random.ts';

/**
 * Tokens in one form for all providers. `input` includes what was read from and written to a cache, `output` includes
 * `reasoning`. `cacheWrite` is a write whose life time the provider does not state (OpenAI).
 */
export interface Consumption {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
  readonly reasoning: number;
}

export const NOTHING: Consumption = {
  input: 0,
  output: 0,
  cacheRead: 0,
  cacheWrite: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  reasoning: 0,
};

export const METERS = Object.keys(NOTHING) as readonly (keyof Consumption)[];

/** The sum, field by field. */
export function add(left: Consumption, right: Consumption): Consumption {
  return Object.fromEntries(METERS.map((meter) => [meter, left[meter] + right[meter]])) as unknown as Consumption;
}

/** What a draw depends on, beside the random numbers. */
export interface Demand {
  /** Tokens of the prompt. */
  readonly input: number;
  /** The request's own maximum of output tokens. Absent: {@link USUAL_OUTPUT}. */
  readonly maxOutput?: number | undefined;
  /** Answers that are drawn one by one and added up (OpenAI's `n`). */
  readonly choices?: number;
  /** The model thinks before it answers. */
  readonly reasons?: boolean;
  /**
   * How the prompt is cached: `automatic` reads from a cache in every second request, `5m` and `1h` (Anthropic's
   * `cache_control`) read or write, `none` does neither. Prompts below {@link SMALLEST_CACHED} tokens are never cached.
   */
  readonly cache: 'automatic' | '5m' | '1h' | 'none';
}

/** The most that is drawn where the request names no maximum, so that demos stay quick. */
export const USUAL_OUTPUT = 320;

/** The shortest prompt that OpenAI and Anthropic cache. */
export const SMALLEST_CACHED = 1024;

/** Caches hold whole blocks of this many tokens. */
const CACHE_BLOCK = 128;

/** Draws what a request consumes. `override` replaces single numbers as given; what depends on them follows. */
export function draw(random: Random, demand: Demand, override: Partial<Consumption> = {}): Consumption {
  const input = override.input ?? demand.input;
  const output = override.output ?? drawOutput(random, demand);
  const reasoning = demand.reasons ? Math.floor(output * (0.2 + 0.5 * random())) : 0;
  return { ...NOTHING, reasoning, ...drawCache(random, input, demand.cache), ...override, input, output };
}

function drawOutput(random: Random, { maxOutput = USUAL_OUTPUT, choices = 1 }: Demand): number {
  const most = Math.max(1, Math.min(maxOutput, USUAL_OUTPUT));
  let output = 0;
  for (let choice = 0; choice < choices; choice++) output += between(random, Math.min(12, most), most);
  return output;
}

function drawCache(random: Random, input: number, cache: Demand['cache']): Partial<Consumption> {
  const share = random();
  const hit = random() < 0.5;
  if (cache === 'none' || input < SMALLEST_CACHED) return {};
  const cached = CACHE_BLOCK * Math.max(1, Math.floor((input / CACHE_BLOCK) * (0.5 + 0.5 * share)));
  if (hit) return { cacheRead: cached };
  if (cache === 'automatic') return {};
  return cache === '1h' ? { cacheWrite1h: cached } : { cacheWrite5m: cached };
}

/** Fields that say what a part is, not what it holds. */
const LABELS = new Set(['role', 'type', 'id', 'call_id', 'tool_call_id', 'tool_use_id', 'cache_control']);

/** The characters of all texts in a value, labels left out. */
export function characters(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value).length;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + characters(item), 0);
  const fields: Json = record(value);
  return Object.keys(fields).reduce((sum, key) => sum + (LABELS.has(key) ? 0 : characters(fields[key])), 0);
}

/** Four characters are one token, and a prompt has at least one. */
export function tokensOf(...prompt: readonly unknown[]): number {
  return Math.max(1, Math.ceil(characters(prompt) / 4));
}
