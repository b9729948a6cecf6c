/** Where a client's requests go, and which provider runs that host: the host decides first, the SDK second. */
import { providerOfHost } from '@tokenmeter/pricing';
import type { Endpoint } from '../call/facts.ts';

interface Client {
  readonly baseURL?: unknown;
}

const endpoints = new WeakMap<object, { baseURL: string; endpoint: Endpoint }>();

/** Parsed once per client and base URL. */
export function endpointOf(client: unknown, sdkProvider: string): Endpoint {
  return endpointAt(client, (client as Client | undefined)?.baseURL, sdkProvider);
}

/** The same where the base URL stands elsewhere: `owner` is the object that it belongs to. */
export function endpointAt(owner: unknown, baseURL: unknown, sdkProvider: string): Endpoint {
  if (typeof owner !== 'object' || owner === null || typeof baseURL !== 'string') return { provider: sdkProvider };
  const known = endpoints.get(owner);
  if (known?.baseURL === baseURL) return known.endpoint;
  const endpoint = parse(baseURL, sdkProvider);
  endpoints.set(owner, { baseURL, endpoint });
  return endpoint;
}

function parse(baseURL: string, sdkProvider: string): Endpoint {
  if (!URL.canParse(baseURL)) return { provider: sdkProvider };
  const { hostname, port, protocol } = new URL(baseURL);
  return {
    provider: providerOfHost(hostname) ?? sdkProvider,
    address: hostname,
    port: port === '' ? (protocol === 'http:' ? 80 : 443) : Number(port),
  };
}
