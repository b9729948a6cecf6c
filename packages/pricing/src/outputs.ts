/** How many tokens a model writes at most in one answer: an upper bound, for whoever has to hold money for it beforehand. */
import { OUTPUTS } from './outputs.generated.ts';

/** What holds where a model says nothing else. */
export const MOST_OUTPUT_OF_ANY = 128_000;

let table: Map<string, number> | undefined;

/**
 * @param model a row of the price book (`seller/model`), or a model's name as it is asked for
 * @returns what the sources of the price book say; {@link MOST_OUTPUT_OF_ANY} for a model that they don't know
 */
export function mostOutputTokens(model: string): number {
  table ??= new Map(OUTPUTS.flatMap(([tokens, models]) => models.split(' ').map((name) => [name, tokens] as const)));
  return table.get(outputName(model)) ?? MOST_OUTPUT_OF_ANY;
}

/** A model's name without its maker or seller. */
export function outputName(model: string): string {
  return model.slice(model.lastIndexOf('/') + 1).toLowerCase();
}
