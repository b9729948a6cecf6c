/** One call, resolved and billed at list, becomes a `Cost`. */
import { type Billed, billAll, factsOf } from './list.ts';
import { picoToUsd, usdToPico } from './money.ts';
import { netCost } from './net.ts';
import { isRefusal } from './refusal.ts';
import type { Identity, Resolver } from './resolve.ts';
import type { Cost, PriceRequest } from './types.ts';

/** The cost of `request`. May throw on hostile input (getters that throw): the pricer guards it. */
export function priceWith(resolver: Resolver, request: PriceRequest): Cost {
  const { report } = request;
  const at = instant(request.at);
  const resolution = resolver.resolveCall(request);
  const { identity } = resolution;
  const refused = typeof request.httpStatus === 'number' && isRefusal(request.httpStatus);
  if (report === undefined || report === null || typeof report.usage !== 'object' || report.usage === null) {
    if (refused) return { ...identity, ...FREE, flags: ['refused'] };
    if (resolution.free) return { ...identity, ...FREE, source: 'list', flags: resolution.flags };
    return { ...identity, status: 'usage_unknown', flags: resolution.flags };
  }
  const list = billAll(resolver, resolution, request, report, at);
  let flags = allFlags(resolution.flags, report.flags, list.flags);
  if (report.reportedCost !== undefined && report.reportedCost !== null) {
    const pico = usdToPico(report.reportedCost.usd);
    if (pico !== undefined && pico >= 0n) return providerCost(identity, list, pico, request, flags);
    flags = [...flags, 'reported_cost_invalid'];
  }
  if (resolution.free) return { ...identity, ...FREE, source: 'list', flags: resolution.flags };
  if (!list.reported) return { ...identity, status: 'usage_unknown', flags };
  return netCost(resolution, list, request, flags, at);
}

const NO_FLAGS: readonly string[] = [];

/** Each flag once: a reader of usage and the engine may find the same contradiction. */
function allFlags(who: readonly string[], usage: unknown, engine: readonly string[]): readonly string[] {
  const remarks =
    Array.isArray(usage) && usage.length > 0 ? usage.filter((flag) => typeof flag === 'string') : NO_FLAGS;
  if (who.length + remarks.length + engine.length === 0) return NO_FLAGS;
  return [...new Set([...who, ...remarks, ...engine])];
}

const FREE = { status: 'free', pico: 0n, usd: 0 } as const;

/** The provider said what it charges: that is the amount, and the list price is kept beside it. */
function providerCost(
  identity: Identity,
  list: Billed,
  pico: bigint,
  request: PriceRequest,
  flags: readonly string[],
): Cost {
  const total = list.parts.total();
  const listed = list.amount && total !== pico ? { listPico: total, listUsd: picoToUsd(total) } : {};
  return {
    ...identity,
    ...factsOf(list),
    ...listed,
    status: pico === 0n ? 'free' : 'priced',
    pico,
    usd: picoToUsd(pico),
    cacheSavingsPico: list.amount ? list.savings : undefined,
    source: 'provider',
    flags: request.usageEstimated === true ? [...flags, 'usage_estimated'] : flags,
  };
}

/** Within what a `Date` can hold; a call without a usable time happened now. */
export function instant(at: unknown): number {
  return typeof at === 'number' && Math.abs(at) < 8.64e15 - 86_400_000 ? at : Date.now();
}
