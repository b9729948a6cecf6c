/** Stream events -> state, of the APIs that OpenAI's compatible hosts share. Only ids, numbers and reasons are kept. */
import { extractUsage, type UsageApi, type UsageReport } from '@tokenmeter/pricing';
import type { Endpoint, ResponseFacts, StreamReader } from '../../call/facts.ts';
import { bag, lengthOf, list, text } from '../read.ts';
import { responseAttributes } from './response.ts';
import type { Body, Choice, Delta } from './types.ts';

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

function deltaLength(delta: Delta | undefined): number {
  if (!delta) return 0;
  let length = lengthOf(delta.content) + lengthOf(delta.refusal) + lengthOf(delta.reasoning_content);
  for (const call of list(delta.tool_calls))
    length += lengthOf((call as { function?: { arguments?: unknown } } | null)?.function?.arguments);
  return length;
}
