/** What the Claude Agent SDK says of usage -> facts. */
import { claudeAgentUsage, extractUsage } from '@tokenmeter/pricing';
import { OPERATION, PROVIDER } from '@tokenmeter/semconv';
import { countCharacters } from '../../call/estimate.ts';
import type { Endpoint, Method, ResponseFacts } from '../../call/facts.ts';
import { type Bag, bag, text, texts } from '../../providers/read.ts';

/** Who serves a model, in Claude Code's words; what is not here is Anthropic itself. */
const PROVIDERS: ReadonlyMap<unknown, string> = new Map([
  ['bedrock', PROVIDER.bedrock],
  ['vertex', PROVIDER.vertex],
  ['foundry', PROVIDER.azureInference],
]);

/** @param usage of a model, in a result */
export function endpointOf(usage: Bag): Endpoint {
  return { provider: PROVIDERS.get(usage.provider) ?? PROVIDER.anthropic };
}

/** All that one model did between two results: its request is the model's name, its answer the usage. */
export const modelUsage: Method = {
  name: 'query',
  request: (model) => ({ operation: OPERATION.chat, model: text(model), stream: false, attributes: {} }),
  response: (usage) => ({
    model: text(bag(usage)?.canonicalModel),
    report: claudeAgentUsage({ usage }),
    outputCharacters: 0,
  }),
  stream: () => ({ read() {}, facts: () => ({ outputCharacters: 0 }) }),
  inputCharacters: () => 0,
};

/** A message of which no result tells: its usage is what was known when it began. */
export const message: Method = {
  ...modelUsage,
  request: (model) => ({ operation: OPERATION.chat, model: text(model), stream: true, attributes: {} }),
};

export function messageFacts(body: Bag): ResponseFacts {
  const reasons = texts([body.stop_reason]);
  return {
    model: text(body.model),
    id: text(body.id),
    finishReasons: reasons.length > 0 ? reasons : undefined,
    report: extractUsage({ provider: PROVIDER.anthropic, api: 'messages', body }),
    partial: true,
    outputCharacters: countCharacters(body.content),
  };
}
