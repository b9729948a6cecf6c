/**
 * What is said in a live session, for whoever opted in. The provider keeps the conversation: a turn is asked with what has
 * come into it since the one before. What the app says is read as it goes out, where the SDK has made one shape of all that
 * it takes.
 */
import { type Assembler, type ContentReader, GrowingText, type Message, textPart } from '../../content/messages.ts';
import { bag, list, text } from '../read.ts';
import { contentMessages, geminiContent } from './content.ts';
import type { LiveMessage } from './types.ts';

/** What a turn is asked. */
interface Asked {
  readonly said?: readonly Message[];
  readonly systemInstruction?: unknown;
  readonly tools?: unknown;
}

/** Messages that wait for a turn. */
const MOST_MESSAGES = 256;

/** Pieces of sound and pictures, which come many times a second. */
const MEDIA = /^\{"realtimeInput":\{"(?:audio|video|media|mediaChunks)"/;

export class LiveConversation {
  #said: Message[] = [];
  #heard = new GrowingText();
  #systemInstruction: unknown;
  #tools: unknown;

  /** What goes out, as JSON. */
  sent(json: string): void {
    if (MEDIA.test(json)) return;
    const { setup, contextUpdate, clientContent, realtimeInput, toolResponse } = bag(JSON.parse(json)) ?? {};
    const { systemInstruction, tools } = bag(setup ?? contextUpdate) ?? {};
    this.#systemInstruction = systemInstruction ?? this.#systemInstruction;
    this.#tools = bag(tools)?.tools ?? tools ?? this.#tools;
    const results = list(bag(toolResponse)?.functionResponses).map((functionResponse) => ({ functionResponse }));
    this.#said = [
      ...this.#said,
      ...contentMessages(bag(clientContent)?.turns),
      ...contentMessages(bag(realtimeInput)?.text),
      ...contentMessages(results.length > 0 ? [{ role: 'tool', parts: results }] : undefined),
    ].slice(-MOST_MESSAGES);
  }

  /** The provider has written down what it heard. */
  heard({ serverContent }: LiveMessage): void {
    this.#heard.add(serverContent?.inputTranscription?.text);
  }

  /** What a turn is asked that begins now. */
  ask(): Asked {
    const spoken = textPart(this.#heard).map((part): Message => ({ role: 'user', parts: [part] }));
    const said = [...this.#said, ...spoken];
    this.#said = [];
    this.#heard = new GrowingText();
    return { said, systemInstruction: this.#systemInstruction, tools: this.#tools };
  }
}

/** Of a turn; its parameters are {@link Asked}. */
export const turnContent: ContentReader = {
  request(params) {
    const { said, systemInstruction, tools } = params as Asked;
    return { ...geminiContent.request({ config: { systemInstruction, tools } }), messages: said };
  },
  // The message that ends a turn says only what it used.
  response: () => [],
  stream: turnAssembler,
};

/** The messages of a turn, read as chunks of an answer. Its sound stands there as the text that the provider makes of it. */
function turnAssembler(): Assembler {
  const chunks = geminiContent.stream();
  let reason: string | undefined;
  return {
    read(event) {
      const message = event as LiveMessage;
      reason ??= reasonOf(message);
      chunks.read({ candidates: [{ content: { parts: partsIn(message) }, finishReason: reason }] });
    },
    messages: () => chunks.messages(),
  };
}

function partsIn({ serverContent, toolCall }: LiveMessage): unknown[] {
  const { modelTurn, outputTranscription } = serverContent ?? {};
  return [
    ...list(modelTurn?.parts).filter((part) => bag(part)?.inlineData === undefined),
    ...(outputTranscription ? [{ text: outputTranscription.text }] : []),
    ...list(toolCall?.functionCalls).map((functionCall) => ({ functionCall })),
  ];
}

/** Why a turn ends, as soon as a message says it. */
function reasonOf({ serverContent, toolCall, usageMetadata }: LiveMessage): string | undefined {
  const { interrupted, generationComplete, turnComplete, turnCompleteReason } = serverContent ?? {};
  if (interrupted === true) return 'interrupted';
  if (toolCall) return 'tool_call';
  const ended = generationComplete === true || turnComplete === true || usageMetadata != null;
  return ended ? (text(turnCompleteReason) ?? 'stop') : undefined;
}
