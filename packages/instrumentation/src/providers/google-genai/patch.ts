/**
 * @google/genai 1 to 3: what is patched. The public methods of `models` are own properties of each instance, made in its
 * constructor, so a patch of the prototype would never run. They, chats and every framework on top call the `…Internal`
 * methods of the prototype, once for each request: a round of automatic function calling, or a hop of an automatic
 * continuation, is a call of its own.
 */
import { countCharacters } from '../../call/estimate.ts';
import type { Method } from '../../call/facts.ts';
import { guard } from '../../call/guard.ts';
import { type PlainTarget, patchPlain } from '../../patching/plain.ts';
import type { OwnSdk } from '../../patching/sdk.ts';
import { bag, dataOf } from '../read.ts';
import { geminiContent } from './content.ts';
import { requestEndpoint } from './endpoint.ts';
import { hookInteractions } from './interactions.ts';
import { hookLive } from './live.ts';
import { contentRequest, contentStreamRequest, embedRequest, imagesRequest, videosRequest } from './request.ts';
import { readContent, readEmbeddings, readUsage } from './response.ts';
import { contentReader } from './stream.ts';
import { watchAttempts } from './transport.ts';
import type { Resource } from './types.ts';

function inputCharacters(params: unknown): number {
  const { contents, config } = dataOf(params) ?? {};
  const { systemInstruction, tools } = dataOf(config) ?? {};
  return countCharacters(contents) + countCharacters(systemInstruction) + countCharacters(tools);
}

/** The SDK's time-out aborts the request as the app's own signal does. */
function aborted(params: unknown): boolean {
  return bag(dataOf(dataOf(params)?.config)?.abortSignal)?.aborted === true;
}

const answer: Omit<Method, 'name' | 'request'> = {
  response: readContent,
  stream: contentReader,
  inputCharacters,
  aborted,
};

const generated = { ...answer, content: geminiContent };

const embed: Method = { ...answer, name: 'models.embedContent', request: embedRequest, response: readEmbeddings };

const MODELS: Readonly<Record<string, Method>> = {
  generateContentInternal: { ...generated, name: 'models.generateContent', request: contentRequest },
  generateContentStreamInternal: { ...generated, name: 'models.generateContentStream', request: contentStreamRequest },
  embedContentInternal: embed,
  generateImagesInternal: images('models.generateImages'),
  editImageInternal: images('models.editImage'),
  upscaleImageInternal: images('models.upscaleImage'),
  // It starts an operation whose end nobody prices: better a call of unknown usage than none.
  generateVideosInternal: {
    ...answer,
    name: 'models.generateVideos',
    request: videosRequest,
    response: () => ({ outputCharacters: 0 }),
  },
};

function images(name: string): Method {
  return { ...answer, name, request: imagesRequest, response: readUsage('generate_images') };
}

const target = (method: string, call: Method, awaited: PlainTarget['awaited']): PlainTarget => ({
  method,
  call,
  awaited,
  endpoint: requestEndpoint,
  prepare: (owner, started) => watchAttempts((owner as Resource).apiClient, started),
});

const TARGETS: readonly PlainTarget[] = [
  ...Object.entries(MODELS).map(([method, call]) => target(method, call, 'inner')),
  // In earlier 1.x the public method stood on the prototype, and made the request itself.
  target('embedContent', embed, 'outer'),
];

type Client = (new (options: { apiKey: string; vertexai: boolean }) => object) & { readonly prototype: object };

export const googleGenai: OwnSdk = {
  name: '@google/genai',
  tested: { from: '1.20.0', to: '3.3.0' },
  patch(exported) {
    const { GoogleGenAI, Models, Live } = (bag(exported) ?? {}) as Partial<Record<string, Client>>;
    const Client = [GoogleGenAI, exported].find(isClient);
    if (!Client) return undefined;
    const { models, live } = Models && Live ? { models: Models.prototype, live: Live.prototype } : found(Client);
    const done = TARGETS.filter((one) => patchPlain(models, one)).map(({ call }) => call.name);
    if (guard(() => hookInteractions(Client.prototype))) done.push('interactions.create');
    if (guard(() => hookLive(live))) done.push('live.connect');
    return done;
  },
};

/** By its name, or where that is lost by a part that no other SDK's client has. */
function isClient(value: unknown): value is Client {
  if (typeof value !== 'function') return false;
  return value.name === 'GoogleGenAI' || Object.hasOwn(value.prototype ?? {}, 'interactions');
}

/** By the client class alone, as in a bundle: an instance that makes no request leads to the other classes. */
function found(Client: Client): { models: unknown; live: unknown } {
  const { models, live } = new Client({ apiKey: 'none', vertexai: false }) as { models?: object; live?: object };
  return { models: models && Object.getPrototypeOf(models), live: live && Object.getPrototypeOf(live) };
}
