/**
 * When an answer calls a tool, and what it says if the request wants JSON. A model with tools calls one, except when the
 * request forbids it or already carries a tool's result: so a tool loop ends after one round.
 */
import { type Json, list, record, text } from '../core/json.ts';
import { prose } from '../core/prose.ts';
import type { Random } from '../core/random.ts';
import { sample } from '../core/sample.ts';

/** A call of a tool, its arguments as JSON text. */
export interface ToolCall {
  readonly name: string;
  readonly arguments: string;
}

/** A function tool, as chat (nested) or responses (flat) declares it. */
interface Declared {
  readonly name: string;
  readonly parameters: unknown;
}

/** The tool call to answer with, if any. `answered`: the conversation ends with a tool's result. */
export function toolCall(body: Json, answered: boolean, random: Random): ToolCall | undefined {
  if (answered || body.tool_choice === 'none') return undefined;
  const tools = list(body.tools).map(declared);
  const choice = record(body.tool_choice);
  const wanted = text(choice.name) ?? text(record(choice.function).name);
  const tool = tools.find((candidate) => candidate && (wanted === undefined || candidate.name === wanted));
  return tool && { name: tool.name, arguments: JSON.stringify(sample(tool.parameters, random)) };
}

function declared(value: unknown): Declared | undefined {
  const tool = record(value);
  if (tool.type !== 'function') return undefined;
  const inner = record(tool.function);
  const name = text(inner.name) ?? text(tool.name);
  return name === undefined ? undefined : { name, parameters: inner.parameters ?? tool.parameters };
}

/** The text of an answer: the plan's, JSON for the wanted schema, or prose of the wanted length. */
export function answerText(planned: string | undefined, format: unknown, tokens: number, random: Random): string {
  if (planned !== undefined) return planned;
  const wanted = record(format);
  if (wanted.type === 'json_object') return JSON.stringify({ answer: prose(random, tokens) });
  if (wanted.type !== 'json_schema') return prose(random, tokens);
  return JSON.stringify(sample(wanted.schema ?? record(wanted.json_schema).schema, random));
}
