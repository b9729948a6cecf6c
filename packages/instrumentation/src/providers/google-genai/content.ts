/** What is said in Gemini's `generateContent`. Its contents are texts, parts, contents, or lists of any of them. */
import {
  type Assembler,
  blob,
  type ContentReader,
  GrowingText,
  type Message,
  modalityOf,
  type OutputMessage,
  outputMessage,
  type Part,
  partsOf,
  reasoningPart,
  type Tool,
  textPart,
  toolCall,
  toolNamed,
  toolResult,
} from '../../content/messages.ts';
import { type Bag, bag, list, text } from '../read.ts';

export const geminiContent: ContentReader = {
  request(params) {
    const { contents, config } = bag(params) ?? {};
    const { systemInstruction, tools } = bag(config) ?? {};
    return {
      messages: contentMessages(contents),
      instructions: contentMessages(systemInstruction).flatMap(({ parts }) => parts),
      tools: list(tools).flatMap(tool),
    };
  },
  response: (body) =>
    list(bag(body)?.candidates).map((item) => {
      const candidate = bag(item);
      return outputMessage(partsOf(list(bag(candidate?.content)?.parts), part), candidate?.finishReason);
    }),
  stream: chunkAssembler,
};

/** Parts without a content around them are one message of the user's. */
export function contentMessages(contents: unknown): Message[] {
  const given = Array.isArray(contents) ? contents : contents === undefined || contents === null ? [] : [contents];
  const messages: Message[] = [];
  for (const item of given) {
    const { role, parts } = bag(item) ?? {};
    if (Array.isArray(parts)) messages.push({ role: roleOf(role), parts: partsOf(parts, part) });
    else messages.push({ role: 'user', parts: partsOf([item], part) });
  }
  return messages;
}

export function roleOf(role: unknown): string {
  return role === 'model' ? 'assistant' : (text(role) ?? 'user');
}

function part(given: Bag): Part[] | undefined {
  const { functionCall, functionResponse, inlineData, fileData } = given;
  if (typeof given.text === 'string') return given.thought === true ? reasoningPart(given.text) : textPart(given.text);
  const call = bag(functionCall);
  if (call) return [toolCall(call.id, call.name, call.args)];
  const answer = bag(functionResponse);
  if (answer) return [toolResult(answer.id ?? answer.name, answer.response)];
  const inline = bag(inlineData);
  if (inline) return [blob(modalityOf(inline.mimeType), inline.mimeType, inline.data)];
  const { fileUri, mimeType } = bag(fileData) ?? {};
  if (fileUri !== undefined)
    return [{ type: 'uri', modality: modalityOf(mimeType), mime_type: mimeType, uri: fileUri }];
  // The name of its only field says what it is, e.g. `executableCode`.
  return [{ ...given, type: Object.keys(given)[0] ?? 'unknown' }];
}

function tool(value: unknown): Tool[] {
  const given = bag(value) ?? {};
  const declared = list(given.functionDeclarations);
  if (declared.length > 0) return declared.flatMap((one) => toolNamed(bag(one)?.name));
  return Object.keys(given).flatMap((name) => toolNamed(name, name));
}

interface Candidate {
  readonly parts: { readonly kind: 'text' | 'thought' | 'other'; readonly grown: GrowingText; readonly part: Bag }[];
  reason: unknown;
}

function chunkAssembler(): Assembler {
  const candidates: Candidate[] = [];
  return {
    read(chunk) {
      for (const item of list(bag(chunk)?.candidates)) readCandidate(bag(item) ?? {}, candidates);
    },
    messages: () => candidates.filter(Boolean).map(assembled),
  };
}

function readCandidate({ index, content, finishReason }: Bag, candidates: Candidate[]): void {
  const at = typeof index === 'number' ? index : 0;
  candidates[at] ??= { parts: [], reason: undefined };
  const { parts } = candidates[at];
  candidates[at].reason = finishReason ?? candidates[at].reason;
  for (const item of list(bag(content)?.parts)) {
    const given = bag(item) ?? {};
    const kind = typeof given.text !== 'string' ? 'other' : given.thought === true ? 'thought' : 'text';
    const last = parts.at(-1);
    if (kind === 'other' || last?.kind !== kind) parts.push({ kind, grown: new GrowingText(), part: given });
    parts.at(-1)?.grown.add(given.text);
  }
}

function assembled({ parts, reason }: Candidate): OutputMessage {
  const whole = parts.map(({ kind, grown, part: first }) =>
    kind === 'other' ? first : { ...first, text: String(grown) },
  );
  return outputMessage(partsOf(whole, part), reason);
}
