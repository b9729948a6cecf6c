/**
 * The Interactions API. Its classes are not exported: they are found when an app first takes `client.interactions`.
 *
 * In 1.x `create` is a method that Stainless generated. From 2.x on the public `create` makes one or more requests (hops of
 * an automatic continuation). Of a stream each hop is a call, seen at the client below; an answer that comes whole is one
 * call with the sum of its hops, which is all that the SDK lets be seen.
 */

import { extractUsage } from '@tokenmeter/pricing';
import { ATTR, OPERATION, PROVIDER } from '@tokenmeter/semconv';
import { alike } from '../../call/alike.ts';
import { countCharacters } from '../../call/estimate.ts';
import type { Endpoint, Method, RequestFacts, ResponseFacts, StreamReader } from '../../call/facts.ts';
import { guard } from '../../call/guard.ts';
import { hookTransport } from '../../call/transport.ts';
import { type PlainTarget, patchPlain } from '../../patching/plain.ts';
import { shared } from '../../state.ts';
import { endpointAt, endpointOf } from '../endpoint.ts';
import { type AttributeRow, attributesFrom, bag, dataOf, number, text, textList } from '../read.ts';
import { inBackground, watchAsking } from './background.ts';
import { clientEndpoint } from './endpoint.ts';
import { interactionContent } from './interactions-content.ts';
import type { Interaction, InteractionEvent, Resource } from './types.ts';

const GENERATION: readonly AttributeRow[] = [
  ['temperature', ATTR.requestTemperature, number],
  ['top_p', ATTR.requestTopP, number],
  ['max_output_tokens', ATTR.requestMaxTokens, number],
  ['seed', ATTR.requestSeed, number],
  ['stop_sequences', ATTR.requestStopSequences, textList],
];

function request(params: unknown): RequestFacts {
  const body = dataOf(params) ?? {};
  const config = dataOf(body.generation_config) ?? {};
  const attributes = attributesFrom(config, GENERATION);
  const stream = isStreamed(params);
  if (stream) attributes[ATTR.requestStream] = true;
  const tier = text(body.service_tier);
  return {
    operation: OPERATION.generateContent,
    // An agent is asked for by its name, and chooses its models itself.
    model: text(body.model) ?? text(body.agent),
    stream,
    maxOutputTokens: number(config.max_output_tokens),
    attributes,
    context: tier === undefined ? undefined : { serviceTier: tier },
  };
}

function isStreamed(params: unknown): boolean {
  return dataOf(params)?.stream === true;
}

function response(value: unknown, { provider }: Endpoint): ResponseFacts {
  const interaction = bag(value) as Interaction | undefined;
  if (!interaction) return { outputCharacters: 0 };
  const status = text(interaction.status);
  return {
    model: text(interaction.model) ?? text(interaction.agent),
    id: text(interaction.id),
    finishReasons: status === undefined ? undefined : [status],
    report: extractUsage({ provider, api: 'interactions', body: interaction }),
    error: status === 'failed' ? 'failed' : undefined,
    outputCharacters: 0,
    later: inBackground(interaction.id, status),
  };
}

function stream(endpoint: Endpoint): StreamReader {
  let facts: ResponseFacts = { outputCharacters: 0 };
  let outputCharacters = 0;
  return {
    read(value) {
      const event = bag(value) as InteractionEvent | undefined;
      switch (event?.event_type) {
        case 'interaction.completed':
        case 'interaction.complete':
          facts = response(event.interaction, endpoint);
          break;
        case 'interaction.created':
        case 'interaction.start': {
          const { model, id } = response(event.interaction, endpoint);
          facts = { model, id, outputCharacters: 0 };
          break;
        }
        case 'error':
          facts = { ...facts, error: text(event.error?.code) ?? 'error' };
          break;
        default:
          outputCharacters += text(event?.delta?.text)?.length ?? 0;
      }
    },
    facts: () => ({ ...facts, outputCharacters }),
  };
}

const create: Method = {
  name: 'interactions.create',
  request,
  response,
  stream,
  inputCharacters: (params) => {
    const { input, system_instruction: system, tools } = dataOf(params) ?? {};
    return countCharacters(input) + countCharacters(system) + countCharacters(tools);
  },
  content: interactionContent,
};

/** The slices of the SDK's classes that lead to what makes requests. */
interface Interactions extends Resource {
  readonly _client?: object;
  getClient?(...args: unknown[]): { readonly interactions?: object };
}

interface LowLevel {
  readonly _baseURL?: { readonly href?: unknown };
  readonly _options?: { readonly api_version?: unknown };
}

const STAINLESS: PlainTarget = {
  method: 'create',
  call: create,
  awaited: 'outer',
  endpoint: (owner) => endpointOf((owner as Interactions)._client, PROVIDER.gemini),
  prepare(owner) {
    const client = (owner as Interactions)._client;
    if (client) hookTransport(Object.getPrototypeOf(client));
  },
};

const wholeEndpoint = (owner: unknown): Endpoint => clientEndpoint((owner as Interactions).parentClient);

const WHOLE: PlainTarget = {
  method: 'create',
  call: create,
  awaited: 'outer',
  counts: (params) => !isStreamed(params),
  endpoint: wholeEndpoint,
};

const HOP: PlainTarget = {
  method: 'create',
  call: create,
  awaited: 'inner',
  counts: isStreamed,
  endpoint(owner) {
    const { _baseURL: url, _options: options } = owner as LowLevel;
    const project = text(options?.api_version)?.includes('/projects/');
    return endpointAt(url?.href, project ? PROVIDER.vertex : PROVIDER.gemini);
  },
};

const hooked = shared('google.interactions', () => new WeakSet<object>());

/** Watches the getter `interactions` of the client class. False where there is none. */
export function hookInteractions(client: object): boolean {
  const getter = Object.getOwnPropertyDescriptor(client, 'interactions');
  const get = getter?.get;
  if (!get) return false;
  if (hooked.has(client)) return true;
  hooked.add(client);
  const observed = function (this: unknown): unknown {
    const interactions = get.call(this);
    guard(() => patch(interactions));
    return interactions;
  };
  Object.defineProperty(client, 'interactions', { ...getter, get: alike(observed, get) });
  return true;
}

function patch(interactions: unknown): void {
  const prototype = ownerOf(interactions, 'create') as Interactions | undefined;
  if (!prototype || hooked.has(prototype)) return;
  hooked.add(prototype);
  const { getClient } = prototype;
  patchPlain(prototype, getClient ? WHOLE : STAINLESS);
  if (!getClient) return;
  watchAsking(prototype, 'get', wholeEndpoint);
  watchAsking(prototype, 'cancel', wholeEndpoint);
  prototype.getClient = alike(function (this: unknown, ...args: unknown[]) {
    const client = getClient.apply(this, args);
    guard(() => patchPlain(ownerOf(client.interactions, 'create'), HOP));
    return client;
  }, getClient);
}

/** The prototype that holds a method of `object`. */
function ownerOf(object: unknown, method: string): object | undefined {
  let at: unknown = object;
  while (typeof at === 'object' && at !== null && !Object.hasOwn(at, method)) at = Object.getPrototypeOf(at);
  return (at as object | null) ?? undefined;
}
