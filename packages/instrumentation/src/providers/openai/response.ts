/** Answers of OpenAI's own Responses API -> facts. */
import { extractUsage } from '@tokenmeter/pricing';
import type { Endpoint, ResponseFacts } from '../../call/facts.ts';
import { responseAttributes } from '../openai-wire/response.ts';
import { bag, text } from '../read.ts';
import type { ResponseBody } from './types.ts';

/** A Responses API object, whole or from a stream's last event. `failed` does not throw in the SDK. */
export function readResponse(value: unknown, { provider }: Endpoint): ResponseFacts {
  const body = bag(value) as ResponseBody | undefined;
  if (!body) return { outputCharacters: 0 };
  const status = text(body.status);
  const reason = text(body.incomplete_details?.reason) ?? status;
  return {
    model: text(body.model),
    id: text(body.id),
    finishReasons: reason === undefined ? undefined : [reason],
    report: extractUsage({ provider, api: 'responses', body }),
    attributes: responseAttributes('responses', body),
    error: status === 'failed' ? (text(body.error?.code) ?? 'failed') : undefined,
    outputCharacters: 0,
  };
}
