/**
 * An interaction as a body and as events. Until May 2026 it had no steps: their contents stood side by side, the events had
 * other names, and the arguments of a function came at once.
 */
import { type Json, list, text } from '../core/json.ts';
import { pieces, usualPieces } from '../core/prose.ts';
import type { Typed } from './steps.ts';

export interface Event extends Json {
  readonly event_type: string;
}

/** How a revision of the API says it. */
export interface Revision {
  readonly created: string;
  readonly completed: string;
  /** What is started, grows and is stopped. */
  readonly block: 'step' | 'content';
  /** The list of them in a body. */
  readonly blocks: 'steps' | 'outputs';
}

const STEPS: Revision = {
  created: 'interaction.created',
  completed: 'interaction.completed',
  block: 'step',
  blocks: 'steps',
};

const OUTPUTS: Revision = {
  created: 'interaction.start',
  completed: 'interaction.complete',
  block: 'content',
  blocks: 'outputs',
};

/** By the header with which an app could keep to the revision before. */
export function revisionOf(header: unknown): Revision {
  return header === '2026-05-06' ? OUTPUTS : STEPS;
}

/** The steps in a body of that revision. */
export function inBody(revision: Revision, steps: readonly Typed[]): Json {
  return { [revision.blocks]: blocksOf(revision, steps) };
}

function blocksOf({ block }: Revision, steps: readonly Typed[]): readonly Typed[] {
  if (block === 'step') return steps;
  return steps.flatMap((step) => {
    if (step.type === 'user_input') return [];
    return step.type === 'model_output' ? (list(step.content) as readonly Typed[]) : [step];
  });
}

/** All events from the first to the last; `planned`: pieces of a text. */
export function events(
  revision: Revision,
  [opened, finished]: readonly [opened: Json, finished: Json],
  steps: readonly Typed[],
  planned: number | undefined,
): readonly Event[] {
  const { block } = revision;
  const grown = blocksOf(revision, steps).flatMap((one, index) => [
    { event_type: `${block}.start`, index, [block]: begun(one) },
    ...deltas(one, block, planned).map((delta) => ({ event_type: `${block}.delta`, index, delta })),
    { event_type: `${block}.stop`, index },
  ]);
  return [
    { event_type: revision.created, interaction: opened },
    ...grown,
    { event_type: revision.completed, interaction: finished },
  ];
}

/** A block of which nothing has come yet but who is called. */
function begun({ type, id, call_id, name }: Typed): Typed {
  if (type === 'function_call') return { type, id, name, arguments: {} };
  return { type, ...(id !== undefined && { id }), ...(call_id !== undefined && { call_id }) };
}

function deltas(one: Typed, block: Revision['block'], planned: number | undefined): readonly Typed[] {
  const said = text(one.text);
  if (said !== undefined)
    return pieces(said, planned ?? usualPieces(said)).map((part) => ({ type: 'text', text: part }));
  switch (one.type) {
    case 'model_output':
      return (list(one.content) as readonly Typed[]).flatMap((content) => deltas(content, block, planned));
    case 'thought':
      return [
        ...list(one.summary).map((content) => ({ type: 'thought_summary', content })),
        { type: 'thought_signature', signature: one.signature },
      ];
    case 'function_call':
      if (block === 'content') return [one];
      return pieces(JSON.stringify(one.arguments), 2).map((part) => ({ type: 'arguments_delta', arguments: part }));
    case 'audio':
      return pieces(String(one.data), 2).map((data) => ({ ...one, data }));
    default:
      return [withoutIds(one, block)];
  }
}

/** A delta of a step goes without the ids that its beginning has. */
function withoutIds(one: Typed, block: Revision['block']): Typed {
  if (block === 'content') return one;
  const { id: _, call_id: __, ...rest } = one;
  return { ...rest, type: one.type };
}
