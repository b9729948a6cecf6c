/** Answers in camel case -> facts. */
import { extractUsage, type UsageApi } from '@tokenmeter/pricing';
import type { Endpoint, ResponseFacts } from '../../call/facts.ts';
import { bag, list, text, texts } from '../read.ts';
import type { Body, Choice } from './types.ts';

export function readBody(api: UsageApi): (body: unknown, endpoint: Endpoint) => ResponseFacts {
  return (value, { provider }) => {
    const body = bag(value) as Body | undefined;
    if (!body) return { outputCharacters: 0 };
    const reasons = texts(list(body.choices).map((choice) => (choice as Choice | null)?.finishReason));
    return {
      model: text(body.model),
      id: text(body.id),
      finishReasons: reasons.length > 0 ? reasons : undefined,
      report: extractUsage({ provider, api, body }),
      outputCharacters: 0,
    };
  };
}
