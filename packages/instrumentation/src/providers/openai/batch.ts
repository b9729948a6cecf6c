/**
 * Batches: one call for each, at batch price, when the app first sees it finished. What its requests used is known as a
 * total; the lines of its results are a file of the app's.
 */
import { extractUsage, type UsageReport } from '@tokenmeter/pricing';
import { OPERATION } from '@tokenmeter/semconv';
import type { Later, Method } from '../../call/facts.ts';
import { bag, number, text } from '../read.ts';
import { milliseconds } from './response.ts';
import { usageReader } from './stream.ts';
import type { BatchBody } from './types.ts';

/** By the end of the endpoint's path; all others are chat. */
const OPERATIONS: readonly (readonly [path: RegExp, operation: string])[] = [
  [/\/embeddings$/, OPERATION.embeddings],
  [/\/moderations$/, OPERATION.moderation],
  [/\/images\//, OPERATION.generateContent],
  [/(?<!\/chat)\/completions$/, OPERATION.textCompletion],
];

const ENDS: Readonly<Record<string, Later['state']>> = {
  completed: 'ended',
  expired: 'ended',
  cancelled: 'canceled',
};

/** A batch that failed, or was given up before any request was served, has cost nothing: it is no call. */
function stateOf({ status, usage, request_counts: counts }: BatchBody): Later['state'] {
  const used = usage != null || (number(counts?.completed) ?? 0) > 0;
  return (used && ENDS[text(status) ?? '']) || 'running';
}

/** The usage is the sum of that many requests: no prompt was as long. */
function summed(report: UsageReport | undefined, { request_counts: counts }: BatchBody): UsageReport | undefined {
  const requests = number(counts?.completed);
  return report && requests !== undefined ? { ...report, usage: { ...report.usage, requests } } : report;
}

export const batches: Method = {
  name: 'batches.retrieve',
  request(value) {
    const { endpoint, model } = (bag(value) ?? {}) as BatchBody;
    const path = text(endpoint) ?? '';
    const operation = OPERATIONS.find(([pattern]) => pattern.test(path))?.[1] ?? OPERATION.chat;
    return { operation, model: text(model), stream: false, attributes: {}, context: { batch: true } };
  },
  response(value, { provider }) {
    const batch = bag(value) as BatchBody | undefined;
    const id = text(batch?.id);
    if (!batch || id === undefined) return { outputCharacters: 0 };
    return {
      model: text(batch.model),
      id,
      report: summed(extractUsage({ provider, api: 'batch', body: batch }), batch),
      outputCharacters: 0,
      later: {
        id,
        state: stateOf(batch),
        startedAt: milliseconds(batch.created_at),
        endedAt: milliseconds(batch.completed_at ?? batch.expired_at ?? batch.cancelled_at),
      },
    };
  },
  stream: usageReader('batch'),
};
