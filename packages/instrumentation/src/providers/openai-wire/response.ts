/** Answers -> facts, of the APIs that OpenAI's compatible hosts share. */
import type { SpanAttributes } from '@tokenmeter/ledger';
import { extractUsage, type UsageApi } from '@tokenmeter/pricing';
import { ATTR } from '@tokenmeter/semconv';
import type { Endpoint, ResponseFacts } from '../../call/facts.ts';
import { type AttributeRow, attributesFrom, bag, list, text, texts } from '../read.ts';
import type { Body, Choice } from './types.ts';

const RESPONSE: readonly AttributeRow[] = [
  ['service_tier', ATTR.openaiResponseServiceTier, text],
  ['system_fingerprint', ATTR.openaiResponseSystemFingerprint, text],
];

/** `openai.api.type` of the two chat APIs. */
const API_TYPE: Partial<Record<UsageApi, string>> = { chat: 'chat_completions', responses: 'responses' };

export function responseAttributes(api: UsageApi, body: object): SpanAttributes {
  const attributes = attributesFrom(body as Record<string, unknown>, RESPONSE);
  const apiType = API_TYPE[api];
  if (apiType !== undefined) attributes[ATTR.openaiApiType] = apiType;
  return attributes;
}

/** Chat completions, legacy completions and embeddings: they share their frame. */
export function readBody(api: UsageApi): (body: unknown, endpoint: Endpoint) => ResponseFacts {
  return (value, { provider }) => {
    const body = bag(value) as Body | undefined;
    if (!body) return { outputCharacters: 0 };
    const reasons = texts(list(body.choices).map((choice) => (choice as Choice | null)?.finish_reason));
    return {
      model: text(body.model),
      id: text(body.id),
      finishReasons: reasons.length > 0 ? reasons : undefined,
      report: extractUsage({ provider, api, body }),
      attributes: responseAttributes(api, body),
      outputCharacters: 0,
    };
  };
}
