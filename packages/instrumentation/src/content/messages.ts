/**
 * What was said in a call, in the words of the GenAI conventions (schemas of `gen_ai.input.messages`,
 * `gen_ai.output.messages`, `gen_ai.system_instructions` and `gen_ai.tool.definitions`, 1.41.1 and newer): a message has a
 * role and parts, a part has a type. Pure; the providers' `content.ts` make these from what their SDKs send and receive.
 */
import { type Bag, bag, list, text } from '../providers/read.ts';

/** `text`, `reasoning`, `tool_call`, `tool_call_response`, `blob`, `uri`, `file`; whatever else a provider has, as it has it. */
export interface Part {
  readonly type: string;
  readonly [field: string]: unknown;
}

export interface Message {
  readonly role: string;
  readonly parts: readonly Part[];
  readonly name?: string;
}

export interface OutputMessage extends Message {
  /** `error` where the answer broke off. */
  readonly finish_reason: string;
}

/** Only what the conventions require: the rest of a definition is long, and the same in every call. */
export interface Tool {
  readonly type: string;
  readonly name: string;
}

export interface RequestContent {
  readonly messages?: readonly Message[];
  /** Only where the API takes them apart from the messages. */
  readonly instructions?: readonly Part[];
  readonly tools?: readonly Tool[];
}

/** Puts an answer together from the events of its stream. */
export interface Assembler {
  read(event: unknown): void;
  /** So far; one per choice. */
  messages(): readonly OutputMessage[];
}

/** What the parameters, answers and events of a method say. Every function is pure and may throw. */
export interface ContentReader {
  request(params: unknown): RequestContent;
  response(body: unknown): readonly OutputMessage[];
  stream(): Assembler;
}

/** Characters of one text of a stream that are kept: as many as an attribute may have. */
export const LONGEST_TEXT = 65_536;

/** A text that grows, up to {@link LONGEST_TEXT}. */
export class GrowingText {
  #kept = '';
  #left = 0;

  add(piece: unknown): void {
    if (typeof piece !== 'string') return;
    const room = LONGEST_TEXT - this.#kept.length;
    this.#kept += room >= piece.length ? piece : piece.slice(0, room);
    this.#left += Math.max(0, piece.length - room);
  }

  toString(): string {
    return this.#left === 0 ? this.#kept : cut(this.#kept, this.#left);
  }
}

/** How it is marked that characters were left out. */
export function cut(kept: string, left: number): string {
  return `${kept}… [${left} characters left out]`;
}

export function textPart(content: unknown): Part[] {
  const said = typeof content === 'string' ? content : content instanceof GrowingText ? String(content) : '';
  return said === '' ? [] : [{ type: 'text', content: said }];
}

export function reasoningPart(content: unknown): Part[] {
  return textPart(content).map((part) => ({ ...part, type: 'reasoning' }));
}

/** `given`: an object, or JSON of one; text that is no JSON (a stream broke off) stays text. */
export function toolCall(id: unknown, name: unknown, given: unknown): Part {
  return { type: 'tool_call', id: text(id), name: text(name) ?? '', arguments: parsed(given) };
}

export function toolResult(id: unknown, response: unknown): Part {
  return { type: 'tool_call_response', id: text(id), response };
}

/** Bytes are never captured: only how many there were. */
export function blob(modality: string, mime: unknown, data: unknown): Part {
  const content = typeof data === 'string' ? leftOut(data.length, 'characters') : leftOut(byteLength(data), 'bytes');
  return { type: 'blob', modality, mime_type: text(mime), content };
}

export function leftOut(size: number | string, unit: 'bytes' | 'characters'): string {
  return `[${size} ${unit} left out]`;
}

function byteLength(data: unknown): number | string {
  return data instanceof Uint8Array ? data.byteLength : 'unknown';
}

const DATA_URL = /^data:([^;,]*)[^,]*,/;

/** A reference to media, or the media itself in a `data:` URL. */
export function linked(modality: string, url: unknown): Part {
  const address = text(url) ?? '';
  const data = DATA_URL.exec(address);
  if (data) return blob(modality, data[1], address.slice(data[0].length));
  return { type: 'uri', modality, uri: address };
}

export function file(modality: string, id: unknown): Part {
  return { type: 'file', modality, file_id: text(id) ?? '' };
}

/** The conventions' word for a MIME type. */
export function modalityOf(mime: unknown): string {
  const [kind = ''] = (text(mime) ?? '').split('/', 1);
  return kind === 'image' || kind === 'audio' || kind === 'video' ? kind : 'document';
}

/** A content that is a text or a list of parts; `read` knows the parts of the provider, all others stay as they are. */
export function partsOf(content: unknown, read: (part: Bag) => readonly Part[] | undefined): Part[] {
  if (!Array.isArray(content)) return textPart(content);
  return content.flatMap((item) => {
    const part = bag(item);
    if (!part) return textPart(item);
    return read(part) ?? [{ ...part, type: text(part.type) ?? 'unknown' }];
  });
}

/** What a tool gave: a list of texts as one text, one of other parts as {@link partsOf} reads it, anything else as it is. */
export function resultOf(content: unknown, read: (part: Bag) => readonly Part[] | undefined): unknown {
  const texts = list(content).map((part) => bag(part)?.text);
  if (texts.length > 0 && texts.every((one) => typeof one === 'string')) return texts.join('\n');
  return Array.isArray(content) ? partsOf(content, read) : content;
}

export function toolNamed(name: unknown, type: unknown = 'function'): Tool[] {
  const known = text(name);
  return known === undefined ? [] : [{ type: text(type) ?? 'function', name: known }];
}

export function parsed(given: unknown): unknown {
  const json = given instanceof GrowingText ? String(given) : given;
  if (typeof json !== 'string') return json;
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}

/** The conventions' words for why an answer ended; a reason that they have no word for is the provider's own. */
const REASONS: Readonly<Record<string, string>> = {
  completed: 'stop',
  complete: 'stop',
  end_turn: 'stop',
  finish: 'stop',
  finished: 'stop',
  stop_criteria_met: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  max_output_tokens: 'length',
  model_length: 'length',
  tool_calls: 'tool_call',
  'tool-calls': 'tool_call',
  tool_use: 'tool_call',
  tool_call: 'tool_call',
  function_call: 'tool_call',
  requires_action: 'tool_call',
  failed: 'error',
  refusal: 'content_filter',
  'content-filter': 'content_filter',
  guardrail_intervened: 'content_filter',
  content_filtered: 'content_filter',
  safety: 'content_filter',
  recitation: 'content_filter',
  blocklist: 'content_filter',
  prohibited_content: 'content_filter',
  spii: 'content_filter',
  image_safety: 'content_filter',
};

/** Without a reason the answer broke off. */
export function finishReason(reason: unknown): string {
  const own = text(reason)?.toLowerCase();
  if (own === undefined) return 'error';
  return Object.hasOwn(REASONS, own) ? (REASONS[own] as string) : own;
}

export function outputMessage(parts: readonly Part[], reason: unknown): OutputMessage {
  return { role: 'assistant', parts, finish_reason: finishReason(reason) };
}
