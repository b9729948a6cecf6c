/** Chunks in camel case -> state. Their usage is a total, and stands on the last one that has any. */
import { extractUsage, type UsageReport } from '@tokenmeter/pricing';
import { countCharacters } from '../../call/estimate.ts';
import type { Endpoint, StreamReader } from '../../call/facts.ts';
import { bag, lengthOf, list, text } from '../read.ts';
import type { Body, Choice } from './types.ts';

export function chunkReader({ provider }: Endpoint): StreamReader {
  const reasons: string[] = [];
  let model: string | undefined;
  let id: string | undefined;
  let report: UsageReport | undefined;
  let outputCharacters = 0;
  return {
    read(event) {
      // Mistral's events have the chunk in `data`.
      const chunk = (bag(bag(event)?.data) ?? bag(event)) as Body | undefined;
      if (!chunk) return;
      model ??= text(chunk.model);
      id ??= text(chunk.id);
      for (const item of list(chunk.choices)) {
        const choice = item as Choice | null;
        const reason = text(choice?.finishReason);
        if (reason !== undefined) reasons[typeof choice?.index === 'number' ? choice.index : 0] = reason;
        outputCharacters += deltaLength(choice?.delta);
      }
      if (chunk.usage != null) report = extractUsage({ provider, api: 'chat', body: chunk }) ?? report;
    },
    facts: () => ({
      model,
      id,
      finishReasons: reasons.length > 0 ? reasons.filter(Boolean) : undefined,
      report,
      outputCharacters,
    }),
  };
}

function deltaLength(delta: Choice['delta']): number {
  if (!delta) return 0;
  const calls = list(delta.toolCalls).map((call) => bag(bag(call)?.function)?.arguments);
  return countCharacters(delta.content) + lengthOf(delta.reasoning) + countCharacters(calls);
}
