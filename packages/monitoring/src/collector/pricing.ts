/**
 * The groups of statements that price spans of any language, in their order, and what becomes of a span by them:
 *
 *   normalise ─► look up ─► refine ─► quantities, amount ─► `signal_to_metrics` counts what has a scratch
 *
 * Each group is a pass over the spans, and asks few of them: a span of text at a known model runs through the look-up and
 * one short group.
 */
import { TOKENMETER_ATTR } from '@tokenmeter/semconv';
import type { MonitoringModel } from '../model.ts';
import { amountStatements, REFINED, refineStatements, statusStatements } from './amount.ts';
import { lookUpStatements } from './lookup.ts';
import { LEAF_SPAN, normaliseGroups } from './normalise.ts';
import { attribute, isSet, resource, type StatementGroup, set } from './ottl.ts';
import { type Clock, clocksOf, type PriceRow, type PriceTable, priceTable } from './prices.ts';
import {
  MEDIA,
  NO_USAGE,
  NOT_JUST_TEXT,
  readMedia,
  readText,
  splitMedia,
  splitText,
  TEXT,
  tokensByType,
} from './quantities.ts';
import { CALL_PATH, SAVED } from './scratch.ts';

const STATUS = attribute(TOKENMETER_ATTR.costStatus);
const SOURCE = attribute(TOKENMETER_ATTR.costSource);

const METERED = `(${attribute(TOKENMETER_ATTR.metered)} == true or ${resource(TOKENMETER_ATTR.metered)} == true)`;
const TO_PRICE = `${LEAF_SPAN} and ${STATUS} == nil and not ${METERED}`;
const BEING_PRICED = `${STATUS} == nil and ${isSet(CALL_PATH)}`;

/** One that this collector counts. */
export const COUNTED_SPAN: string = isSet(CALL_PATH);

export function pricingGroups(model: MonitoringModel): readonly StatementGroup[] {
  const table = priceTable(model.prices);
  return [
    ...normaliseGroups(model),
    { shared_cache: true, conditions: [TO_PRICE], statements: lookUpStatements(table) },
    {
      conditions: [REFINED],
      statements: refineStatements(
        tierDepth(table),
        clocksOf(table).map((clock) => JSON.parse(clock) as Clock),
      ),
    },
    {
      conditions: [`${BEING_PRICED} and (${NOT_JUST_TEXT})`],
      statements: [...readMedia(), ...statusStatements(MEDIA, NO_USAGE), ...splitMedia(), ...amountStatements(MEDIA)],
    },
    {
      conditions: [BEING_PRICED],
      statements: [...readText(), ...statusStatements(TEXT), ...splitText(), ...amountStatements(TEXT)],
    },
    // What another collector priced, it has counted as well.
    ownCostGroup(
      `${isSet(STATUS)} and ${CALL_PATH} == nil and not ${METERED} and (${SOURCE} == nil or ${SOURCE} != "collector")`,
    ),
  ];
}

/** Of a ledger, every call is counted. */
export function replayGroups(): readonly StatementGroup[] {
  return [ownCostGroup(isSet(STATUS))];
}

/** A span that came with a cost of ours: only its tokens have to be told apart. */
function ownCostGroup(condition: string): StatementGroup {
  const saved = attribute(TOKENMETER_ATTR.costCacheSavingsUsd);
  return {
    conditions: [`${condition} and ${LEAF_SPAN}`],
    statements: [
      set(CALL_PATH, '{}'),
      ...readMedia(),
      ...splitMedia(),
      ...tokensByType(MEDIA, `${STATUS} != "usage_unknown"`),
      set(SAVED, `Double(${saved})`, `${isSet(saved)} and Double(${saved}) > 0.0`),
    ],
  };
}

function tierDepth({ sellers }: PriceTable): number {
  const depth = (one: PriceRow): number => (one.tier === undefined ? 0 : 1 + depth(one.tier.row));
  return Math.max(0, ...[...sellers.values()].flatMap((rows) => [...rows.values()].map(depth)));
}
