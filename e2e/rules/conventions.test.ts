/** Latency and tokens are recorded alike from every spelling of `gen_ai.*`. */
import { DEFAULT_MODEL } from '@tokenmeter/monitoring';
import { describe, expect, test } from 'vitest';
import { neededFor } from './cases.ts';
import {
  CALL_TOKENS,
  DURATION,
  DURATIONS,
  FIRST_CHUNK,
  FIRST_CHUNKS,
  TOKENS,
  TOKENS_COUNTED,
  TOKENS_OF_CALLS,
} from './conventions.cases.ts';
import { GENERATIONS, promtool } from './promtool.ts';

const ALL = [
  [DURATION, DURATIONS],
  [FIRST_CHUNK, FIRST_CHUNKS],
  [CALL_TOKENS, TOKENS_OF_CALLS],
  [TOKENS, TOKENS_COUNTED],
] as const;

describe.each(GENERATIONS)('%s', (generation) => {
  test.each(ALL)('%s', (record, tests) => {
    expect(promtool(generation, DEFAULT_MODEL, tests, neededFor([record]))).toBe('');
  });
});
