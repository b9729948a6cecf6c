/** Where the requests of a client go. */
import { PROVIDER } from '@tokenmeter/semconv';
import type { Endpoint } from '../../call/facts.ts';
import { endpointOf } from '../endpoint.ts';

/** Clients of other providers, for hosts that do not tell. */
const SUBCLASSES: Readonly<Record<string, string>> = {
  AzureOpenAI: PROVIDER.azureOpenai,
  BedrockOpenAI: PROVIDER.bedrock,
};

export function clientEndpoint(client: unknown): Endpoint {
  const { name = '' } = (client as { constructor?: { name?: string } } | undefined)?.constructor ?? {};
  return endpointOf(client, SUBCLASSES[name] ?? PROVIDER.openai);
}
