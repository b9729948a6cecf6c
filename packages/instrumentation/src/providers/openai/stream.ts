/** OpenAI stream events -> state. Only ids, numbers and reasons are kept. */
import { extractUsage, type UsageApi, type UsageReport } from '@tokenmeter/pricing';
import type { Endpoint, ResponseFacts, StreamReader } from '../../call/facts.ts';
import { bag, list, text } from '../read.ts';
import { inBackground, readResponse, responseAttributes } from './response.ts';
import type { Body, Choice, Delta, ResponseEvent } from './types.ts';

/** Chat and legacy completion chunks: usage is on the last one, if at all, and is a total. */
export function chunkReader(api: UsageApi): (endpoint: Endpoint) => StreamReader {
  return ({ provider }) => {
    const reasons: string[] = [];
    let model: string | undefined;
    let id: string | undefined;
    let report: UsageReport | undefined;
    let attributes: ResponseFacts['attributes'];
    let outputCharacters = 0;
    return {
      read(event) {
        const chunk = bag(event) as Body | undefined;
        if (!chunk) return;
        model ??= text(chunk.model);
        id ??= text(chunk.id);
        for (const item of list(chunk.choices)) {
          const choice = item as Choice | null;
          const reason = text(choice?.finish_reason);
          if (reason !== undefined) reasons[typeof choice?.index === 'number' ? choice.index : 0] = reason;
          outputCharacters += lengthOf(choice?.text) + deltaLength(choice?.delta);
        }
        if (chunk.usage == null && chunk.x_groq == null) return;
        const found = extractUsage({ provider, api, body: chunk });
        if (!found) return;
        report = found;
        attributes = responseAttributes(api, chunk);
      },
      facts: () => ({
        model,
        id,
        finishReasons: reasons.length > 0 ? reasons.filter(Boolean) : undefined,
        report,
        attributes,
        outputCharacters,
      }),
    };
  };
}

/** Events that carry the finished response, and with it the usage. */
const FINISHED: ReadonlySet<unknown> = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
  'response.cancelled',
]);

export function responseReader(endpoint: Endpoint): StreamReader {
  let facts: ResponseFacts = { outputCharacters: 0 };
  let outputCharacters = 0;
  return {
    read(value) {
      const event = bag(value) as ResponseEvent | undefined;
      if (!event) return;
      if (FINISHED.has(event.type)) facts = readResponse(event.response, endpoint);
      // openai 5 and 6 hand an error event to the app as an event, and end without throwing.
      else if (event.type === 'error') facts = { ...facts, error: text(event.code) ?? 'error' };
      else if (event.type === 'response.created') {
        const response = event.response ?? {};
        const { model, id } = response;
        facts = { model: text(model), id: text(id), outputCharacters: 0, later: inBackground(response) };
      } else if (typeof event.delta === 'string') outputCharacters += event.delta.length;
    },
    facts: () => ({ ...facts, outputCharacters }),
  };
}

/** Streams of images and of text of speech: the last event has the usage, and is the only one that has. */
export function usageReader(api: UsageApi): (endpoint: Endpoint) => StreamReader {
  return ({ provider }) => {
    let report: UsageReport | undefined;
    return {
      read(event) {
        if (bag(event)?.usage != null) report = extractUsage({ provider, api, body: event });
      },
      facts: () => ({ report, outputCharacters: 0 }),
    };
  };
}

function deltaLength(delta: Delta | undefined): number {
  if (!delta) return 0;
  let length = lengthOf(delta.content) + lengthOf(delta.refusal) + lengthOf(delta.reasoning_content);
  for (const call of list(delta.tool_calls))
    length += lengthOf((call as { function?: { arguments?: unknown } } | null)?.function?.arguments);
  return length;
}

function lengthOf(value: unknown): number {
  return typeof value === 'string' ? value.length : 0;
}
