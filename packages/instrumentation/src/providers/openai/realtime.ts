/**
 * Realtime sessions. A session is no call: each response of the model is one, from `response.created` to `response.done`,
 * which says what it used. The text of what the app's user said is another model's work, and a call of its own.
 *
 * An answer that the session's end cuts off was perhaps billed, and nobody says how much.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { extractUsage } from '@tokenmeter/pricing';
import { ATTR, OPERATION, type Outcome, PROVIDER } from '@tokenmeter/semconv';
import { Call } from '../../call/call.ts';
import type { Endpoint, Method, ResponseFacts, StreamReader } from '../../call/facts.ts';
import { guard } from '../../call/guard.ts';
import { runtime } from '../../call/runtime.ts';
import { endpointAt } from '../endpoint.ts';
import { requestFacts } from '../openai-wire/request.ts';
import { type AttributeRow, bag, list, number, text } from '../read.ts';
import { endByClose } from '../socket-close.ts';
import { answerContent, Conversation, transcriptContent } from './realtime-content.ts';
import { transcriptionRequest } from './request.ts';
import { readUsage } from './response.ts';
import { usageReader } from './stream.ts';
import type { RealtimeEvent, RealtimeResponse, Socket, SocketSession, Transport } from './types.ts';

const spoken = (modalities: unknown): string => (list(modalities).includes('audio') ? 'speech' : 'text');

const RESPONSE: readonly AttributeRow[] = [
  ['temperature', ATTR.requestTemperature, number],
  ['conversation_id', ATTR.conversationId, text],
  ['modalities', ATTR.outputType, spoken],
  ['output_modalities', ATTR.outputType, spoken],
];

const answer: Method = {
  name: 'realtime response',
  request: (params) => requestFacts(OPERATION.chat, params, RESPONSE, 'max_output_tokens'),
  response: readDone,
  stream: usageReader('realtime'),
  content: answerContent,
};

const transcription: Method = {
  name: 'realtime transcription',
  request: transcriptionRequest,
  response: readUsage('realtime'),
  stream: usageReader('realtime'),
  content: transcriptContent,
};

function readDone(value: unknown, { provider }: Endpoint): ResponseFacts {
  const { id, status, status_details: details } = doneIn(value);
  const reason = text(details?.reason) ?? text(status);
  return {
    id: text(id),
    finishReasons: reason === undefined ? undefined : [reason],
    report: extractUsage({ provider, api: 'realtime', body: value }),
    error: status === 'failed' ? (text(details?.error?.code) ?? text(details?.error?.type) ?? 'failed') : undefined,
    outputCharacters: 0,
  };
}

function doneIn(event: unknown): RealtimeResponse {
  return (bag(event) as RealtimeEvent | undefined)?.response ?? {};
}

/** By the status of a response. An incomplete one came to the end that was set to it. */
const OUTCOMES: Readonly<Record<string, Outcome>> = { cancelled: 'canceled', failed: 'failed' };

interface Open {
  readonly call: Call;
  /** For what is said alone: the last event has all facts. */
  readonly reader: StreamReader | undefined;
}

/** The calls of one session, by the id of their response or item. */
export class RealtimeSession implements SocketSession {
  readonly #socket: Socket;
  readonly #endpoint: Endpoint;
  /** Calls belong to whom the session belongs to, whenever their messages come. */
  readonly #inSession = AsyncLocalStorage.snapshot();
  readonly #calls = new Map<string, Open>();
  readonly #conversation = new Conversation();
  /** Several sockets may listen to what they did not ask for, each of them told of the same responses. */
  readonly #sideband: boolean;
  /** Of a deployment its name. */
  readonly #asked: string | undefined;
  /** What the server says of the session. */
  #model: string | undefined;
  #transcriptionModel: string | undefined;
  #transport: Transport | undefined;

  constructor(socket: Socket) {
    const url = new URL(String(socket.url));
    const deployment = url.searchParams.get('deployment');
    this.#socket = socket;
    this.#endpoint = endpointAt(url.href, deployment === null ? PROVIDER.openai : PROVIDER.azureOpenai);
    this.#asked = url.searchParams.get('model') ?? deployment ?? undefined;
    this.#sideband = url.searchParams.has('call_id');
  }

  /** Sockets that do not reconnect by themselves tell nobody of their end but the listeners of their transport. */
  connected(): void {
    const transport = this.#socket.socket;
    if (!transport || transport === this.#transport) return;
    this.#transport = transport;
    transport.addEventListener?.('close', ({ code }) => guard(() => this.closed(code)));
  }

  message(value: unknown): void {
    this.connected();
    const event = bag(value) as RealtimeEvent | undefined;
    if (!event) return;
    if (runtime.options.content) guard(() => this.#conversation.read(event));
    switch (event.type) {
      case 'session.created':
      case 'session.updated':
        this.#learn(event.session);
        break;
      case 'response.created':
        this.#answer(event);
        break;
      case 'response.done':
        this.#done(event);
        break;
      case 'conversation.item.input_audio_transcription.delta':
        this.#piece(event, this.#heard(event));
        break;
      case 'conversation.item.input_audio_transcription.completed':
        this.#close(text(event.item_id), event, this.#heard(event))?.complete(event);
        break;
      case 'conversation.item.input_audio_transcription.failed':
        this.#close(text(event.item_id), event, this.#heard(event))?.fail(event.error);
        break;
      default:
        this.#piece(event, this.#calls.get(text(event.response_id) ?? ''));
    }
  }

  #piece(event: RealtimeEvent, open: Open | undefined): void {
    if (typeof event.delta === 'string') open?.call.firstChunk();
    open?.reader?.read(event);
  }

  interrupted(): void {
    this.closed(undefined);
  }

  closed(code: unknown): void {
    for (const { call } of this.#calls.values()) endByClose(call, code);
    this.#calls.clear();
  }

  #learn(session: RealtimeEvent['session']): void {
    this.#model = text(session?.model) ?? this.#model;
    // Of a beta session the second one.
    const hearing = session?.audio?.input?.transcription ?? session?.input_audio_transcription;
    this.#transcriptionModel = text(hearing?.model) ?? this.#transcriptionModel;
  }

  #done(event: RealtimeEvent): void {
    const { id: given, status } = event.response ?? {};
    const id = text(given);
    const call = this.#close(id, event, this.#answer(event));
    if (!call || id === undefined) return;
    const facts = readDone(event, this.#endpoint);
    const later = this.#sideband ? ({ id, state: 'ended' } as const) : undefined;
    call.end(OUTCOMES[text(status) ?? ''] ?? 'completed', { ...facts, model: this.#model, later });
  }

  #answer({ response }: RealtimeEvent): Open | undefined {
    return this.#open(text(response?.id), answer, () => ({
      ...this.#conversation.ask(response),
      ...response,
      model: this.#asked ?? this.#model,
    }));
  }

  #heard(event: RealtimeEvent): Open | undefined {
    return this.#open(text(event.item_id), transcription, () => ({ model: this.#transcriptionModel }));
  }

  #open(id: string | undefined, method: Method, params: () => object): Open | undefined {
    if (id === undefined) return undefined;
    const known = this.#calls.get(id);
    if (known) return known;
    return this.#inSession(() => {
      const call = new Call(method, { ...params(), stream: true }, this.#endpoint);
      guard(() => call.openSpan());
      const open = { call, reader: runtime.options.content && call.streamReader() };
      this.#calls.set(id, open);
      return open;
    });
  }

  /** `last`: the event that ends it. */
  #close(id: string | undefined, last: RealtimeEvent, open: Open | undefined): Call | undefined {
    if (id !== undefined) this.#calls.delete(id);
    open?.reader?.read(last);
    return open?.call;
  }
}
