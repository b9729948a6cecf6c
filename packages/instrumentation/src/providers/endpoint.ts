/** Where a client's requests go, and which provider runs that host: the host decides first, the SDK second. */
import { isPrivateHost, providerOfHost } from '@tokenmeter/pricing';
import { PROVIDER } from '@tokenmeter/semconv';
import type { Endpoint } from '../call/facts.ts';

interface Client {
  readonly baseURL?: unknown;
}

/** What comes after that many base URLs of a provider is parsed each time: no app has so many, but a URL may name a session. */
const MAX_KEPT = 1_000;

/** By provider and base URL. Many apps make a client or a model for each call. */
const endpoints = new Map<string, Map<string, Endpoint>>();

/** Where the requests of a client with a `baseURL` go. */
export function endpointOf(client: unknown, sdkProvider: string): Endpoint {
  return endpointAt((client as Client | undefined)?.baseURL, sdkProvider);
}

/** The same where the base URL stands elsewhere. */
export function endpointAt(baseURL: unknown, sdkProvider: string): Endpoint {
  if (typeof baseURL !== 'string') return { provider: sdkProvider };
  const known = endpoints.get(sdkProvider)?.get(baseURL);
  if (known) return known;
  const endpoint = parse(baseURL, sdkProvider);
  const kept = endpoints.get(sdkProvider) ?? new Map<string, Endpoint>();
  if (kept.size === 0) endpoints.set(sdkProvider, kept);
  if (kept.size < MAX_KEPT) kept.set(baseURL, endpoint);
  return endpoint;
}

/**
 * Runtimes on one's own machine or network, by the port that is theirs by default. vLLM's is everybody's (8000): a gateway
 * to models that cost something may stand there, so it is told by its name only.
 */
const LOCAL_PORTS: ReadonlyMap<string, string> = new Map([
  ['11434', PROVIDER.ollama],
  ['1234', 'lm_studio'],
]);

/** By the first label of a host, as services are named in containers. */
const LOCAL_NAMES: ReadonlyMap<string, string> = new Map([
  ['ollama', PROVIDER.ollama],
  ['vllm', 'vllm'],
  ['lmstudio', 'lm_studio'],
  ['lm-studio', 'lm_studio'],
]);

function localRuntime(hostname: string, port: string): string | undefined {
  if (!isPrivateHost(hostname)) return undefined;
  return LOCAL_NAMES.get(hostname.split('.', 1)[0] ?? '') ?? LOCAL_PORTS.get(port);
}

const INSECURE: ReadonlySet<string> = new Set(['http:', 'ws:']);

function parse(baseURL: string, sdkProvider: string): Endpoint {
  if (!URL.canParse(baseURL)) return { provider: sdkProvider };
  const { hostname, port, protocol } = new URL(baseURL);
  return {
    provider: providerOfHost(hostname) ?? localRuntime(hostname, port) ?? sdkProvider,
    address: hostname,
    port: port === '' ? (INSECURE.has(protocol) ? 80 : 443) : Number(port),
  };
}
