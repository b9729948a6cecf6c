export { bundledBook, bundledBookText } from './book/bundled.ts';
export { suspicious } from './book/gates.ts';
export type { PriceBook, Row, SellerBook } from './book/model.ts';
export { diffBooks, type PriceChange, type Quote, quotesOf } from './book/quotes.ts';
export { PriceBookError, readBook } from './book/read.ts';
export { price } from './default.ts';
export { type ExplainedPart, type Explanation, sellersOf } from './explain.ts';
export type { Step } from './match.ts';
export { METERS, type MeterName } from './meters.ts';
export { formatUsd, picoToUsd, sumPico, usdToPico } from './money.ts';
export { mostOutputTokens } from './outputs.ts';
export { createPricer, type Pricer, type PricerOptions } from './pricer.ts';
export { isRefusal } from './refusal.ts';
export { hourOf } from './schedule.ts';
export { isPrivateHost, providerOfHost, SELLERS, type Seller } from './sellers.ts';
export {
  type PriceDiscount,
  type PriceOverride,
  type PriceSettings,
  PriceSettingsError,
  type PriceSettingsIssue,
} from './settings/types.ts';
export * from './types.ts';
export { type PlannedCall, refuseUnknownModels, UnknownModelError } from './unknown-model.ts';
export * from './usage/index.ts';
