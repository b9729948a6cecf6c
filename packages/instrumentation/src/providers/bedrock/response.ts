/** Answers of Bedrock's commands -> facts. Converse names no model. */
import { extractUsage } from '@tokenmeter/pricing';
import type { Endpoint, ResponseFacts } from '../../call/facts.ts';
import { type Bag, bag, list, text } from '../read.ts';
import { parseBody } from './body.ts';

export function readConverse(value: unknown, { provider }: Endpoint): ResponseFacts {
  const body = bag(value);
  return {
    finishReasons: reasons(text(body?.stopReason)),
    report: extractUsage({ provider, api: 'converse', body }),
    outputCharacters: 0,
  };
}

/** An answer of InvokeModel with the headers that came with it: they count where the maker's body does not. */
export interface Invoked {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, unknown>>;
}

export function readInvoke(value: unknown, { provider }: Endpoint): ResponseFacts {
  const { body: bytes, headers } = (bag(value) ?? {}) as Invoked;
  const body = parseBody(bytes);
  return {
    model: text(body?.model),
    id: text(body?.id),
    finishReasons: reasons(reasonOf(body)),
    report: extractUsage({ provider, api: 'invoke_model', body, headers }),
    outputCharacters: 0,
  };
}

/** Why the maker's model stopped, whole or in a chunk. */
export function reasonOf(body: Bag | undefined): string | undefined {
  const first = bag(list(body?.results)[0]) ?? bag(list(body?.choices)[0]) ?? bag(list(body?.outputs)[0]);
  return (
    text(body?.stop_reason) ??
    text(body?.stopReason) ??
    text(body?.completionReason) ??
    text(body?.finish_reason) ??
    text(first?.completionReason) ??
    text(first?.finish_reason) ??
    text(first?.stop_reason)
  );
}

function reasons(reason: string | undefined): readonly string[] | undefined {
  return reason === undefined ? undefined : [reason];
}
