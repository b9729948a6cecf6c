/**
 * Answers of the AI SDK's models -> facts. What the provider itself said is preferred wherever the answer still has it: its
 * body, or its own usage. The AI SDK's numbers leave out how long a cache write lives, searches and tiers, and those of
 * specification 2 leave it to the provider whether cached tokens are within the input.
 */
import { aiSdkUsage, extractUsage, type UsageApi, type UsageReport } from '@tokenmeter/pricing';
import type { Endpoint, ResponseFacts } from '../../call/facts.ts';
import { bag, text, texts } from '../../providers/read.ts';

/** An API, and where its bodies have their usage. */
export interface Api {
  readonly api: UsageApi;
  readonly usage: string;
}

/** By what the name of a model's provider says: `openai.chat`, `google.vertex.chat`. The first that fits. */
const APIS: readonly (readonly [name: RegExp, api: Api])[] = [
  [/(^|\.)messages$/, { api: 'messages', usage: 'usage' }],
  [/^google\./, { api: 'generate_content', usage: 'usageMetadata' }],
  [/^amazon-bedrock/, { api: 'converse', usage: 'usage' }],
  [/\.responses$/, { api: 'responses', usage: 'usage' }],
  [/\.chat$/, { api: 'chat', usage: 'usage' }],
  [/\.completion$/, { api: 'completions', usage: 'usage' }],
];

/** The API that a model speaks; undefined where its name does not tell. */
export function apiOf(name: unknown): Api | undefined {
  return APIS.find(([pattern]) => pattern.test(text(name) ?? ''))?.[1];
}

export function readResult(value: unknown, known: Api | undefined, { provider }: Endpoint): ResponseFacts {
  const result = bag(value) ?? {};
  const response = bag(result.response);
  const finishReasons = texts([reasonOf(result.finishReason)]);
  return {
    model: text(response?.modelId),
    id: text(response?.id),
    finishReasons: finishReasons.length > 0 ? finishReasons : undefined,
    report: readUsage(result, response?.body, known, provider),
    outputCharacters: 0,
  };
}

/** A text in specification 2; later, the AI SDK's word and the provider's own. */
function reasonOf(reason: unknown): unknown {
  return bag(reason)?.raw ?? bag(reason)?.unified ?? reason;
}

function readUsage(
  { usage, providerMetadata }: Readonly<Record<string, unknown>>,
  body: unknown,
  known: Api | undefined,
  provider: string,
): UsageReport | undefined {
  if (known) {
    const own = bag(usage)?.raw ?? bag(bag(providerMetadata)?.anthropic)?.usage;
    for (const said of [body, own && { [known.usage]: own }]) {
      const report = said ? extractUsage({ provider, api: known.api, body: said }) : undefined;
      if (report) return withTier(report, providerMetadata);
    }
  }
  const report = aiSdkUsage({ usage });
  return report && withTier(report, providerMetadata);
}

/** Where no body says which tier served the call. */
function withTier(report: UsageReport, providerMetadata: unknown): UsageReport {
  const tier = text(bag(bag(providerMetadata)?.openai)?.serviceTier);
  return tier === undefined ? report : { ...report, context: { serviceTier: tier, ...report.context } };
}
