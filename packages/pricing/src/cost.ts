/** One call, resolved and billed at list, becomes a `Cost`. */
import { type Billed, billAll, text } from './list.ts';
import { picoToUsd, usdToPico } from './money.ts';
import { type Identity, netCost } from './net.ts';
import { isRefusal } from './refusal.ts';
import type { Resolver } from './resolve.ts';
import type { Cost, PriceRequest } from './types.ts';

/** The cost of `request`. May throw on hostile input (getters that throw): the pricer guards it. */
export function priceWith(resolver: Resolver, version: string, request: PriceRequest): Cost {
  const { report } = request;
  const at = instant(request.at);
  const resolution = resolver.resolve(
    text(request.provider) ?? '',
    text(request.host),
    text(request.responseModel),
    text(request.requestModel),
  );
  const identity = { version, rowId: resolution.row?.id ?? resolution.ownId, match: resolution.how };
  const refused = typeof request.httpStatus === 'number' && isRefusal(request.httpStatus);
  if (report === undefined || report === null || typeof report.usage !== 'object' || report.usage === null) {
    if (refused) return { ...identity, ...FREE, flags: ['refused'] };
    if (resolution.free) return { ...identity, ...FREE, source: 'list', flags: resolution.flags };
    return { ...identity, status: 'usage_unknown', flags: resolution.flags };
  }
  const remarks = Array.isArray(report.flags) ? report.flags.filter((flag) => typeof flag === 'string') : [];
  const list = billAll(resolver, resolution, request, report, at);
  const flags = [...resolution.flags, ...remarks, ...list.flags.filter((flag) => !remarks.includes(flag))];
  const reported = usdToPico(report.reportedCost?.usd ?? Number.NaN);
  if (reported !== undefined && reported >= 0n) return providerCost(identity, list, reported, request, flags);
  if (report.reportedCost !== undefined) flags.push('reported_cost_invalid');
  if (!list.reported && !resolution.free) return { ...identity, status: 'usage_unknown', flags };
  if (resolution.free) return { ...identity, ...FREE, source: 'list', flags: resolution.flags };
  return netCost(identity, resolution, list, request, flags, at);
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
  const listed = list.amount && list.total !== pico ? { listPico: list.total, listUsd: picoToUsd(list.total) } : {};
  return {
    ...identity,
    ...list.facts,
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
