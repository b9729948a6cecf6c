/** Cohere answers -> facts. They name no model. */
import { extractUsage, type UsageApi } from '@tokenmeter/pricing';
import type { Endpoint, ResponseFacts } from '../../call/facts.ts';
import { bag, text } from '../read.ts';
import type { Body } from './types.ts';

export function readBody(api: UsageApi): (body: unknown, endpoint: Endpoint) => ResponseFacts {
  return (value, { provider }) => {
    const body = bag(value) as Body | undefined;
    if (!body) return { outputCharacters: 0 };
    const reason = text(body.finishReason);
    return {
      id: text(body.id) ?? text(body.responseId),
      finishReasons: reason === undefined ? undefined : [reason],
      report: extractUsage({ provider, api, body }),
      outputCharacters: 0,
    };
  };
}
