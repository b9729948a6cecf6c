/**
 * What is said in a realtime session, for whoever opted in. The provider keeps the conversation: a response is asked with
 * what has come into it since the one before, and answers with items as those of the Responses API are.
 */
import {
  type Assembler,
  type ContentReader,
  GrowingText,
  type Message,
  type OutputMessage,
  outputMessage,
  type Part,
  textPart,
} from '../../content/messages.ts';
import { type Bag, bag, list, text } from '../read.ts';
import { inputItem, responsesContent } from './content.ts';
import type { RealtimeEvent, RealtimeResponse } from './types.ts';

/** What a response is asked, as far as the session tells. */
export interface Asked {
  readonly said?: readonly Message[];
  readonly instructions?: unknown;
  readonly tools?: unknown;
}

/** Items that wait for a response: a session that only writes down what it hears has none. */
const MOST_ITEMS = 256;

export class Conversation {
  readonly #new = new Map<string, Message>();
  #instructions: unknown;
  #tools: unknown;

  read({ type, item, item_id: id, session, response, transcript }: RealtimeEvent): void {
    switch (type) {
      case 'session.created':
      case 'session.updated':
        this.#instructions = session?.instructions ?? this.#instructions;
        this.#tools = session?.tools ?? this.#tools;
        break;
      // Of a beta session the second one.
      case 'conversation.item.added':
      case 'conversation.item.created':
        this.#add(bag(item));
        break;
      case 'conversation.item.deleted':
        this.#new.delete(text(id) ?? '');
        break;
      case 'conversation.item.input_audio_transcription.completed':
        this.#hear(text(id) ?? '', transcript);
        break;
      case 'response.done':
        // What the model says comes into the conversation, too, and is no news to it.
        for (const one of list(response?.output)) this.#new.delete(text(bag(one)?.id) ?? '');
    }
  }

  /** What a response is asked that begins now. One outside of the conversation has an input that the session does not tell. */
  ask({ conversation_id: conversation }: RealtimeResponse = {}): Asked {
    if (conversation === null) return {};
    const said = [...this.#new.values()];
    this.#new.clear();
    return { said, instructions: this.#instructions, tools: this.#tools };
  }

  #add(item: Bag | undefined): void {
    const id = text(item?.id);
    if (id === undefined) return;
    this.#new.set(id, inputItem(item));
    const [oldest] = this.#new.keys();
    if (this.#new.size > MOST_ITEMS && oldest !== undefined) this.#new.delete(oldest);
  }

  /** Another model has written down what was said. */
  #hear(id: string, transcript: unknown): void {
    const message = this.#new.get(id);
    if (!message) return;
    const parts = message.parts.flatMap((part) => (isSound(part) ? textPart(transcript) : [part]));
    this.#new.set(id, { ...message, parts });
  }
}

const isSound = ({ type, modality }: Part): boolean => type === 'blob' && modality === 'audio';

/** Of a response; its parameters are {@link Asked}. */
export const answerContent: ContentReader = {
  ...responsesContent,
  request(params) {
    const { said, instructions, tools } = params as Asked;
    return { ...responsesContent.request({ instructions, tools }), messages: said };
  },
};

/** Of the text of what was said: its sound was never told. */
export const transcriptContent: ContentReader = {
  request: () => ({}),
  response: (event) => transcribed(bag(event)?.transcript),
  stream: transcriptAssembler,
};

function transcribed(transcript: unknown): OutputMessage[] {
  return [outputMessage(textPart(transcript), 'stop')];
}

function transcriptAssembler(): Assembler {
  const grown = new GrowingText();
  let whole: unknown;
  return {
    read(event) {
      const { delta, transcript } = bag(event) ?? {};
      grown.add(delta);
      whole = transcript ?? whole;
    },
    messages: () => (whole === undefined ? [outputMessage(textPart(grown), undefined)] : transcribed(whole)),
  };
}
