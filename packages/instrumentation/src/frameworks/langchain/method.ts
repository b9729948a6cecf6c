/** The messages of a LangChain chat model -> facts, for a model without an instrumented SDK underneath. */
import { langchainUsage } from '@tokenmeter/pricing';
import { OPERATION } from '@tokenmeter/semconv';
import { countCharacters } from '../../call/estimate.ts';
import type { Method, ResponseFacts, StreamReader } from '../../call/facts.ts';
import { bag, text, texts } from '../../providers/read.ts';
import type { Run } from './types.ts';

export const chatModel: Method = {
  name: 'chat model',
  request(run) {
    const { model, stream } = run as Run;
    return { operation: OPERATION.chat, model, stream, attributes: {} };
  },
  response: readMessage,
  stream: messageReader,
  inputCharacters: (run) => countCharacters((run as Run).prompt),
};

function readMessage(value: unknown): ResponseFacts {
  const { response_metadata, usage_metadata, content, id } = bag(value) ?? {};
  const { model_name, model, finish_reason, stop_reason } = bag(response_metadata) ?? {};
  const finishReasons = texts([finish_reason ?? stop_reason]);
  return {
    model: text(model_name) ?? text(model),
    id: text(id),
    finishReasons: finishReasons.length > 0 ? finishReasons : undefined,
    report: langchainUsage({ usage_metadata }),
    outputCharacters: countCharacters(content),
  };
}

/** The parts of a message: what they say of usage adds up, as it does in LangChain. */
function messageReader(): StreamReader {
  let usage: unknown;
  let last: ResponseFacts = { outputCharacters: 0 };
  return {
    read(chunk) {
      const part = readMessage(chunk);
      usage = sum(usage, bag(chunk)?.usage_metadata);
      last = {
        model: part.model ?? last.model,
        id: part.id ?? last.id,
        finishReasons: part.finishReasons ?? last.finishReasons,
        outputCharacters: last.outputCharacters + part.outputCharacters,
      };
    },
    facts: () => ({ ...last, report: langchainUsage({ usage_metadata: usage }) }),
  };
}

function sum(one: unknown, other: unknown): unknown {
  if (one === undefined || other === undefined || other === null) return one ?? other;
  if (typeof one === 'number' && typeof other === 'number') return one + other;
  const result: Record<string, unknown> = { ...bag(one) };
  for (const [key, value] of Object.entries(bag(other) ?? {})) result[key] = sum(result[key], value);
  return result;
}
