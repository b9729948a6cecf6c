/** Where the requests of a client go. */
import { PROVIDER } from '@tokenmeter/semconv';
import type { Endpoint } from '../../call/facts.ts';
import { endpointOf } from '../endpoint.ts';

/** What a client says of its own provider, in the words of the conventions: the SDKs for clouds say theirs. */
interface Client {
  readonly _genAIProviderName?: unknown;
}

export function clientEndpoint(client: unknown): Endpoint {
  const { _genAIProviderName: own } = (client ?? {}) as Client;
  return endpointOf(client, typeof own === 'string' ? own : PROVIDER.anthropic);
}
