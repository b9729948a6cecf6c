/**
 * What groups of statements tell each other, and `signal_to_metrics`, about a span: in attributes of the span, since a cache
 * ends with its group. `transform/clean` deletes them before a span leaves the collector.
 */
import { attribute } from './ottl.ts';

const CALL = '_tokenmeter';
const ROW = '_tokenmeter.row';

export const SCRATCH_ATTRIBUTES: readonly string[] = [CALL, ROW];

/** A span that this collector counts has it. */
export const CALL_PATH: string = attribute(CALL);
/** Tokens by `tokenmeter.token.type`: disjoint, and absent where there are none. */
export const tokensOf = (type: string): string => `${CALL_PATH}["${type}"]`;
/** What the provider's cache saved, USD. */
export const SAVED: string = `${CALL_PATH}["saved"]`;

/** The row of the price table; absent where the model has no price. */
export const ROW_PATH: string = attribute(ROW);
export const rowOf = (key: string): string => `${ROW_PATH}["${key}"]`;
