/**
 * What is said in interactions: steps, of which some hold contents (a text, a picture), and before May 2026 such contents
 * side by side. Both are read alike wherever they stand, since 1.x was made for the older form and gets the newer one.
 */
import {
  type Assembler,
  blob,
  type ContentReader,
  GrowingText,
  leftOut,
  linked,
  type Message,
  type OutputMessage,
  outputMessage,
  type Part,
  partsOf,
  reasoningPart,
  resultOf,
  type Tool,
  textPart,
  toolCall,
  toolNamed,
  toolResult,
} from '../../content/messages.ts';
import { type Bag, bag, lengthOf, list, text } from '../read.ts';
import { roleOf } from './content.ts';

export const interactionContent: ContentReader = {
  request(params) {
    const { input, system_instruction: instruction, tools } = bag(params) ?? {};
    return {
      messages: inputMessages(input),
      instructions: textPart(instruction),
      tools: list(tools).flatMap(tool),
    };
  },
  response(body) {
    const { steps, outputs, status } = bag(body) ?? {};
    // One that is read later begins with what was asked.
    const said = list(steps ?? outputs).filter((step) => bag(step)?.type !== 'user_input');
    return answer(partsOf(said, stepParts), status);
  },
  stream: eventAssembler,
};

/** All steps of an answer are one message. */
function answer(parts: readonly Part[], status: unknown): OutputMessage[] {
  return parts.length === 0 ? [] : [outputMessage(parts, status)];
}

/** What stands side by side and comes from the same is one message, as the contents of a question are; a turn is its own. */
function inputMessages(input: unknown): Message[] {
  const items = Array.isArray(input) ? input : input === undefined || input === null ? [] : [input];
  const messages: { readonly role: string; readonly parts: Part[] }[] = [];
  for (const item of items) {
    const { role: turn, type, content } = bag(item) ?? {};
    const role = turn === undefined ? authorOf(type) : roleOf(turn);
    const parts = turn === undefined ? partsOf([item], stepParts) : partsOf(content, stepParts);
    const last = messages.at(-1);
    if (turn === undefined && last?.role === role) last.parts.push(...parts);
    else messages.push({ role, parts });
  }
  return messages;
}

const MEDIA: ReadonlySet<unknown> = new Set(['image', 'audio', 'video', 'document']);
/** What a step of the model holds, and what a user says without a step around it. A bare text has no type. */
const CONTENTS: ReadonlySet<unknown> = new Set([undefined, 'text', ...MEDIA]);

function authorOf(type: unknown): string {
  if (type === 'function_result') return 'tool';
  return type === 'user_input' || CONTENTS.has(type) ? 'user' : 'assistant';
}

/** A step or a content. The signatures, which only the provider can read, are left out. */
function stepParts(given: Bag): Part[] {
  const { type, id, call_id, name } = given;
  if (MEDIA.has(type)) return [media(given)];
  switch (type) {
    case 'text':
      return textPart(given.text);
    case 'user_input':
    case 'model_output':
      return partsOf(given.content, stepParts);
    case 'thought':
      return partsOf(given.summary, summaryParts);
    case 'function_call':
      return [toolCall(id, name, given.arguments)];
    case 'function_result':
      return [toolResult(call_id, resultIn(given))];
    default:
      // A tool that the provider runs itself.
      return [{ ...given, type: text(type) ?? 'unknown', signature: undefined, result: resultIn(given) }];
  }
}

function summaryParts(given: Bag): Part[] {
  return MEDIA.has(given.type) ? [media(given)] : reasoningPart(given.text);
}

function media({ type, mime_type, data, uri }: Bag): Part {
  const modality = text(type) ?? 'document';
  if (text(uri) === undefined) return blob(modality, mime_type, data);
  return { mime_type: text(mime_type), ...linked(modality, uri) };
}

/** Contents are read; sources, places and what else a search finds have no type, and stay as they are. */
function resultIn({ result }: Bag): unknown {
  return list(result).every((one) => bag(one)?.type !== undefined) ? resultOf(result, stepParts) : result;
}

function tool(value: unknown): Tool[] {
  const { name, type } = bag(value) ?? {};
  return toolNamed(name ?? type, type);
}

/** A text that grows, or media without their bytes. */
interface Piece {
  readonly content: Bag;
  readonly grown: GrowingText;
  characters: number;
}

/** A step of a stream: what it began with and what came at once, its pieces, and the arguments that came in pieces. */
interface Growing {
  step: Bag;
  readonly pieces: Piece[];
  args: GrowingText | undefined;
}

/** The last event says how it ended, and nothing of what was said. */
function eventAssembler(): Assembler {
  const steps = new Map<unknown, Growing>();
  let status: unknown;
  return {
    read(value) {
      const { event_type: type, index, step, content, delta, interaction } = bag(value) ?? {};
      switch (type) {
        case 'step.start':
        case 'content.start':
          steps.set(index, begun(bag(step ?? content) ?? {}));
          break;
        case 'step.delta':
        case 'content.delta':
          grow(steps.get(index), bag(delta) ?? {});
          break;
        case 'interaction.completed':
        case 'interaction.complete':
          status = bag(interaction)?.status;
      }
    },
    messages: () => answer([...steps.values()].flatMap(grownParts), status),
  };
}

function begun(step: Bag): Growing {
  const growing: Growing = { step, pieces: [], args: undefined };
  const contents = CONTENTS.has(step.type) ? [step] : list(step.content ?? step.summary);
  for (const content of contents) add(growing.pieces, bag(content) ?? {});
  return growing;
}

/** Signatures and citations, which come as deltas of types of their own, are no part of what is said. */
function grow(growing: Growing | undefined, delta: Bag): void {
  if (!growing) return;
  if (CONTENTS.has(delta.type)) add(growing.pieces, delta);
  else if (delta.type === 'thought_summary') add(growing.pieces, bag(delta.content) ?? {});
  else if (delta.type === 'arguments_delta') {
    growing.args ??= new GrowingText();
    growing.args.add(delta.arguments);
  } else if (delta.type === growing.step.type) growing.step = { ...growing.step, ...delta };
}

/** A text goes on, and so does a sound; a picture comes at once. Of media that only begin nothing has come. */
function add(pieces: Piece[], { data, ...content }: Bag): void {
  const isMedia = MEDIA.has(content.type);
  if (isMedia && text(data) === undefined && text(content.uri) === undefined) return;
  let piece = pieces.at(-1);
  if (piece === undefined || piece.content.type !== content.type || (isMedia && content.type !== 'audio')) {
    piece = { content, grown: new GrowingText(), characters: 0 };
    pieces.push(piece);
  }
  piece.grown.add(content.text);
  piece.characters += lengthOf(data);
}

function grownParts({ step, pieces, args }: Growing): Part[] {
  if (pieces.length === 0 && !CONTENTS.has(step.type))
    return stepParts(args ? { ...step, arguments: String(args) } : step);
  const said = step.type === 'thought' ? reasoningPart : textPart;
  return pieces.flatMap(({ content, grown, characters }) => {
    if (!MEDIA.has(content.type)) return said(grown);
    return characters > 0 ? { ...media(content), content: leftOut(characters, 'characters') } : media(content);
  });
}
