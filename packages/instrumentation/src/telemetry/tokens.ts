/** How the canonical usage is counted on metrics. Pure. */
import { CACHE_WRITES } from '@tokenmeter/ledger';
import type { Usage } from '@tokenmeter/pricing';
import { MODALITY, type TokenField, type TokenType } from '@tokenmeter/semconv';

/** Tokens by disjoint type: they add up to `input + output`. */
export function tokensByType(usage: Usage): Readonly<Record<TokenType, number>> {
  const { input = 0, output = 0, cacheRead = 0, reasoning = 0 } = usage;
  const cacheWrite = cacheWritten(usage) ?? 0;
  return {
    input: Math.max(0, input - cacheRead - cacheWrite),
    cache_read: cacheRead,
    cache_write: cacheWrite,
    output: Math.max(0, output - reasoning),
    reasoning,
  };
}

/** The whole of a usage field, as the conventions count it (`input` includes cached tokens). Undefined: not reported. */
export function tokensOfField(usage: Usage, field: TokenField): number | undefined {
  return field === 'cacheWrite' ? cacheWritten(usage) : usage[field];
}

/** All cache writes, whatever their time to live. */
function cacheWritten(usage: Usage): number | undefined {
  let sum: number | undefined;
  for (const field of CACHE_WRITES) {
    const part = usage[field];
    if (part !== undefined) sum = (sum ?? 0) + part;
  }
  return sum;
}

/** Where a usage field is split by modality. What no modality claims is text. */
const MODALITIES: Readonly<Partial<Record<TokenField, Readonly<Record<string, keyof Usage>>>>> = {
  input: { [MODALITY.audio]: 'audioInput', [MODALITY.image]: 'imageInput', [MODALITY.video]: 'videoInput' },
  output: { [MODALITY.audio]: 'audioOutput', [MODALITY.image]: 'imageOutput', [MODALITY.video]: 'videoOutput' },
  cacheRead: {
    [MODALITY.audio]: 'audioCacheRead',
    [MODALITY.image]: 'imageCacheRead',
    [MODALITY.video]: 'videoCacheRead',
  },
};

/** A field's tokens by modality: all of them `unknown` where the provider tells none apart. */
export function tokensByModality(usage: Usage, field: TokenField): readonly (readonly [string, number])[] {
  const total = tokensOfField(usage, field);
  if (total === undefined) return [];
  const told = Object.entries(MODALITIES[field] ?? {}).flatMap(([modality, key]): [string, number][] => {
    const tokens = usage[key];
    return tokens === undefined ? [] : [[modality, tokens]];
  });
  if (told.length === 0) return [[MODALITY.unknown, total]];
  const text = total - told.reduce((sum, [, tokens]) => sum + tokens, 0);
  return [[MODALITY.text, Math.max(0, text)], ...told];
}
