/**
 * Which generation of the GenAI conventions is emitted. The default is the last release (1.41.1);
 * `OTEL_SEMCONV_STABILITY_OPT_IN` switches, as the specification's transition rule says.
 *
 * Source of `latest`: open-telemetry/semantic-conventions-genai main of 2026-10-09 (#440, #374, #521).
 */
import { DURATION_BUCKETS, TOKEN_BUCKETS } from './buckets.ts';

export type Generation = 'stable' | 'latest';

/** An OTel histogram or counter as the conventions define it. */
export interface ConventionInstrument {
  readonly name: string;
  readonly kind: 'histogram' | 'counter';
  readonly unit: string;
  readonly description: string;
  readonly buckets?: readonly number[];
}

/** What a convention's token instrument counts: a field of the canonical usage. */
export type TokenField = 'input' | 'output' | 'cacheRead' | 'cacheWrite' | 'reasoning';

export interface GenerationTable {
  /** Span attribute of cache writes: renamed between the generations. */
  readonly cacheWriteAttribute: string;
  /** Duration of an inference call, seconds. */
  readonly inferenceDuration: ConventionInstrument;
  /** Duration of any other client operation (embeddings), seconds. */
  readonly operationDuration: ConventionInstrument;
  readonly timeToFirstChunk: ConventionInstrument;
  /** One histogram with `gen_ai.token.type` (stable), or none (latest). */
  readonly tokenUsage?: ConventionInstrument;
  /** Counters by usage field (latest), with the required attribute `gen_ai.token.modality`. */
  readonly tokenCounters: Readonly<Partial<Record<TokenField, ConventionInstrument>>>;
  /** Histograms of tokens per call by usage field (latest). */
  readonly tokenHistograms: Readonly<Partial<Record<TokenField, ConventionInstrument>>>;
}

export const TOKEN_MODALITY = 'gen_ai.token.modality';

/** The values of `gen_ai.token.modality`. An open enum: `video` is ours. */
export const MODALITY = { text: 'text', image: 'image', audio: 'audio', video: 'video', unknown: 'unknown' } as const;

function seconds(name: string, description: string): ConventionInstrument {
  return { name, kind: 'histogram', unit: 's', description, buckets: DURATION_BUCKETS };
}

function tokenCounter(name: string, description: string): ConventionInstrument {
  return { name, kind: 'counter', unit: '{token}', description };
}

function tokenHistogram(name: string, description: string): ConventionInstrument {
  return { name, kind: 'histogram', unit: '{token}', description, buckets: TOKEN_BUCKETS };
}

const OPERATION_DURATION = seconds('gen_ai.client.operation.duration', 'GenAI operation duration.');

export const GENERATIONS: Readonly<Record<Generation, GenerationTable>> = {
  stable: {
    cacheWriteAttribute: 'gen_ai.usage.cache_creation.input_tokens',
    inferenceDuration: OPERATION_DURATION,
    operationDuration: OPERATION_DURATION,
    timeToFirstChunk: seconds('gen_ai.client.operation.time_to_first_chunk', 'Time to receive the first chunk.'),
    tokenUsage: tokenHistogram('gen_ai.client.token.usage', 'Number of input and output tokens used.'),
    tokenCounters: {},
    tokenHistograms: {},
  },
  latest: {
    cacheWriteAttribute: 'gen_ai.usage.cache_write.input_tokens',
    inferenceDuration: seconds('gen_ai.client.inference.duration', 'Duration of a GenAI inference call.'),
    operationDuration: OPERATION_DURATION,
    timeToFirstChunk: seconds('gen_ai.client.inference.time_to_first_chunk', 'Time to receive the first chunk.'),
    tokenCounters: {
      input: tokenCounter('gen_ai.client.inference.usage.input_tokens', 'Number of input tokens.'),
      output: tokenCounter('gen_ai.client.inference.usage.output_tokens', 'Number of output tokens.'),
      cacheRead: tokenCounter('gen_ai.client.inference.usage.cache_read.input_tokens', 'Input tokens read from cache.'),
      cacheWrite: tokenCounter(
        'gen_ai.client.inference.usage.cache_write.input_tokens',
        'Input tokens written to cache.',
      ),
      reasoning: tokenCounter('gen_ai.client.inference.usage.reasoning.output_tokens', 'Reasoning output tokens.'),
    },
    tokenHistograms: {
      input: tokenHistogram('gen_ai.client.inference.operation.input_tokens', 'Input tokens per call.'),
      output: tokenHistogram('gen_ai.client.inference.operation.output_tokens', 'Output tokens per call.'),
    },
  },
};

/**
 * The generations to emit for a value of `OTEL_SEMCONV_STABILITY_OPT_IN` (comma list; unknown entries are ignored).
 * `gen_ai_latest_experimental/dup` emits both.
 */
export function generationsOf(optIn: string | undefined): readonly Generation[] {
  const entries = new Set((optIn ?? '').split(',').map((entry) => entry.trim()));
  if (entries.has('gen_ai_latest_experimental/dup')) return ['stable', 'latest'];
  if (entries.has('gen_ai_latest_experimental')) return ['latest'];
  return ['stable'];
}
