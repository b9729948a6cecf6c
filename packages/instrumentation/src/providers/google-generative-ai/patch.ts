/**
 * @google/generative-ai 0.x, which @google/genai has replaced: what is patched. Models and chats call functions of the module
 * that cannot be reached, so their own methods are patched; none calls another.
 */
import { PROVIDER } from '@tokenmeter/semconv';
import { countCharacters } from '../../call/estimate.ts';
import type { Method } from '../../call/facts.ts';
import { guard } from '../../call/guard.ts';
import type { Settle } from '../../call/observe-plain.ts';
import { type PlainTarget, patchPlain } from '../../patching/plain.ts';
import type { OwnSdk } from '../../patching/sdk.ts';
import { endpointAt } from '../endpoint.ts';
import { readUsage } from '../google-genai/response.ts';
import { contentReader } from '../google-genai/stream.ts';
import { bag } from '../read.ts';
import { contentRequest, embedRequest, invocation } from './request.ts';
import { readResult, readTogether } from './response.ts';
import { settleChatStream, settleStream } from './stream.ts';
import type { Invocation } from './types.ts';

const DEFAULT_BASE_URL = 'https://generativelanguage.googleapis.com';

const shared: Pick<Method, 'stream' | 'inputCharacters' | 'aborted'> = {
  stream: contentReader,
  inputCharacters: (params) => countCharacters((params as Invocation).prompt),
  aborted: (params) => bag((params as Invocation).options.signal)?.aborted === true,
};

const whole = { ...shared, request: contentRequest(false), response: readResult };
const streamed = { ...shared, request: contentRequest(true), response: readTogether };
const embedded = { ...shared, request: embedRequest, response: readUsage('embed_content') };

function target(method: string, call: Method, settle?: Settle): PlainTarget {
  return {
    method,
    call,
    settle,
    awaited: 'outer',
    params: invocation,
    endpoint(_, params) {
      const { options } = params as Invocation;
      return endpointAt(options.baseUrl ?? DEFAULT_BASE_URL, PROVIDER.gemini);
    },
  };
}

const MODEL: readonly PlainTarget[] = [
  target('generateContent', { ...whole, name: 'generateContent' }),
  target('generateContentStream', { ...streamed, name: 'generateContentStream' }, settleStream),
  target('embedContent', { ...embedded, name: 'embedContent' }),
  target('batchEmbedContents', { ...embedded, name: 'batchEmbedContents' }),
];

const CHAT: readonly PlainTarget[] = [
  target('sendMessage', { ...whole, name: 'chat.sendMessage' }, (value, call) => call.complete(value)),
  target('sendMessageStream', { ...streamed, name: 'chat.sendMessageStream' }, settleChatStream),
];

type Client = new (
  apiKey: string,
) => {
  getGenerativeModel(params: { model: string }): { startChat(): object };
};

/** Classes are found through objects that make no request. */
function patch(Client: Client): readonly string[] {
  const model = new Client('').getGenerativeModel({ model: 'none' });
  const chat = guard(() => model.startChat());
  const patched = (holder: object | undefined, targets: readonly PlainTarget[]) =>
    targets.filter((one) => holder && patchPlain(Object.getPrototypeOf(holder), one)).map(({ call }) => call.name);
  return [...patched(model, MODEL), ...patched(chat, CHAT)];
}

export const googleGenerativeAi: OwnSdk = {
  name: '@google/generative-ai',
  tested: { from: '0.24.1', to: '0.24.1' },
  patch(exported) {
    const holder = exported as { GoogleGenerativeAI?: unknown } | null | undefined;
    const Client = [holder?.GoogleGenerativeAI, exported].find(isClient);
    return Client && patch(Client);
  },
};

function isClient(value: unknown): value is Client {
  return typeof value === 'function' && typeof value.prototype?.getGenerativeModel === 'function';
}
