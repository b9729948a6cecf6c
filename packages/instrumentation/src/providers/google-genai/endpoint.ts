/** Where the requests of a client go: its host says which of Google's two APIs it is, else the client's own switch. */
import { PROVIDER } from '@tokenmeter/semconv';
import type { Endpoint } from '../../call/facts.ts';
import { endpointAt } from '../endpoint.ts';
import { dataOf } from '../read.ts';
import type { ApiClient, Resource } from './types.ts';

export function clientEndpoint(client: ApiClient | undefined): Endpoint {
  const options = client?.clientOptions;
  return endpointAt(options?.httpOptions?.baseUrl, providerOf(client));
}

/** A request may name a base URL of its own. */
export function requestEndpoint(owner: unknown, params: unknown): Endpoint {
  const client = (owner as Resource).apiClient;
  const own = dataOf(dataOf(dataOf(params)?.config)?.httpOptions);
  return own?.baseUrl === undefined ? clientEndpoint(client) : endpointAt(own.baseUrl, providerOf(client));
}

function providerOf(client: ApiClient | undefined): string {
  return client?.clientOptions?.vertexai === true ? PROVIDER.vertex : PROVIDER.gemini;
}
