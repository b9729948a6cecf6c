/** Why a call costs what it costs: who bills it, each id that was looked for, the row, and the sum line by line. */
import type { PriceBook, Row } from './book/model.ts';
import { instant } from './cost.ts';
import { matchModel, type Step } from './match.ts';
import { createMeasured, lowestBit, measure } from './measure.ts';
import { METERS, type Meter, type MeterName, type RateUnit, UNITS_PER } from './meters.ts';
import { inForce } from './net.ts';
import type { Resolution } from './resolve.ts';
import { periodAt, select } from './select.ts';
import { SELLERS, sellerOfHost, sellerOfName } from './sellers.ts';
import { discountOn } from './settings/applies.ts';
import type { Cost, PriceRequest } from './types.ts';
import { contextCode } from './variant.ts';

/** One line of the sum. */
export interface ExplainedPart {
  readonly meter: MeterName;
  readonly quantity: number;
  /** USD per {@link ExplainedPart.unit}; absent: there is no rate. */
  readonly usd?: number;
  readonly unit: RateUnit;
  /** The rate is another meter's. */
  readonly inferred: boolean;
  /** Percent taken off. */
  readonly discount?: number;
  /** Exact pico-USD. */
  readonly pico?: bigint;
}

export interface Explanation {
  readonly cost: Cost;
  /** Who bills the call, and what said so. */
  readonly seller?: { readonly id: string; readonly by: 'host' | 'name' | 'nobody' };
  /** The name that stands for another in the settings. */
  readonly alias?: { readonly from: string; readonly to: string };
  /** Every id that was looked for, in order; the last one was found where the call has a row. */
  readonly steps: readonly Step[];
  readonly row?: Pick<Row, 'id' | 'origin' | 'url' | 'free' | 'unpriced' | 'estimated'>;
  /** When the prices that applied begin and end, ISO 8601. */
  readonly from?: string;
  readonly until?: string;
  /** A price of one's own applied. */
  readonly own: boolean;
  /** The call's own usage; what is billed beside it has no lines. */
  readonly parts: readonly ExplainedPart[];
}

/** Explains `cost`, the price of `request` by `resolution`. */
export function explain(request: PriceRequest, cost: Cost, resolution: Resolution, book: PriceBook): Explanation {
  const { seller, row, alias } = resolution;
  const at = instant(request.at);
  const steps: Step[] = [];
  const models = alias === undefined ? modelsOf(request, resolution) : [alias.to.slice(alias.to.indexOf('/') + 1)];
  for (const model of models) {
    if (seller !== undefined && matchModel(book, seller, model, steps) !== undefined) break;
  }
  const period = row && periodAt(row, at);
  const next = period && row.periods[row.periods.indexOf(period) - 1];
  return {
    cost,
    seller: seller && { id: seller.id, by: whoSays(request) },
    alias,
    steps,
    row: row && factsOf(row),
    from: cost.effectiveFrom,
    until: next?.effectiveFrom,
    own: inForce(resolution.overrides, at) !== undefined,
    parts: partsOf(request, cost, resolution, at),
  };
}

/** Sellers that have a row of their own for a model, those who made it before those who resell it where both are known. */
export function sellersOf(book: PriceBook, model: string): string[] {
  const found = SELLERS.filter((seller) => matchModel(book, seller, model)?.row.seller === seller.id);
  return [...new Set(found.map(({ id }) => id))];
}

function whoSays({ host, provider }: PriceRequest): 'host' | 'name' | 'nobody' {
  if (host !== undefined && sellerOfHost(host) !== undefined) return 'host';
  return sellerOfName(provider) === undefined ? 'nobody' : 'name';
}

function modelsOf({ requestModel, responseModel }: PriceRequest, { seller }: Resolution): string[] {
  const models = [responseModel, requestModel].filter((model): model is string => typeof model === 'string');
  return seller?.requestFirst === true ? models.reverse() : models;
}

function factsOf({ id, origin, url, free, unpriced, estimated }: Row): Explanation['row'] {
  return { id, origin, url, free, unpriced, estimated };
}

function partsOf({ report, context }: PriceRequest, cost: Cost, resolution: Resolution, at: number): ExplainedPart[] {
  if (report === undefined) return [];
  const measured = measure(report.usage, createMeasured());
  const code = contextCode(report.context, context, resolution.hostContext);
  const own = inForce(resolution.overrides, at);
  const rates = own?.rates.rates ?? (resolution.row && select(resolution.row, at, code, measured.prompt)?.rates);
  const parts: ExplainedPart[] = [];
  for (let rest = measured.used; rest !== 0; rest &= rest - 1) {
    const index = lowestBit(rest);
    const { name, unit } = METERS[index] as Meter;
    const quantity = measured.quantities[index] as number;
    const rate = rates?.perUnit[index] ?? Number.NaN;
    if (quantity === 0) continue;
    const discount = own === undefined ? discountOn(resolution.discounts, name, at) : undefined;
    parts.push({
      meter: name,
      quantity,
      usd: Number.isNaN(rate) ? undefined : (rate * UNITS_PER[unit]) / 1e12,
      unit,
      inferred: ((rates?.inferred ?? 0) & (1 << index)) !== 0,
      discount: discount && Number(1_000_000n - discount.remaining) / 10_000,
      pico: cost.parts?.[name],
    });
  }
  return parts;
}
