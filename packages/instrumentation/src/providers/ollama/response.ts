/** Ollama answers -> facts. */
import { extractUsage } from '@tokenmeter/pricing';
import type { Endpoint, ResponseFacts } from '../../call/facts.ts';
import { bag, text } from '../read.ts';
import type { Body } from './types.ts';

/** A whole answer, or the last line of a stream. */
export function readBody(value: unknown, { provider }: Endpoint): ResponseFacts {
  const body = bag(value) as Body | undefined;
  if (!body) return { outputCharacters: 0 };
  const reason = text(body.done_reason);
  return {
    model: text(body.model),
    finishReasons: reason === undefined ? undefined : [reason],
    report: extractUsage({ provider, api: 'chat', body }),
    outputCharacters: 0,
  };
}
