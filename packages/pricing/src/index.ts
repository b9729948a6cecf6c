export { bundledBook } from './book/bundled.ts';
export type { PriceBook, Row, SellerBook } from './book/model.ts';
export { price } from './default.ts';
export { METERS, type MeterName } from './meters.ts';
export { formatUsd, picoToUsd, sumPico, usdToPico } from './money.ts';
export { createPricer, type Pricer, type PricerOptions } from './pricer.ts';
export { isRefusal } from './refusal.ts';
export { isPrivateHost, providerOfHost, SELLERS, type Seller } from './sellers.ts';
export {
  type PriceDiscount,
  type PriceOverride,
  type PriceSettings,
  PriceSettingsError,
  type PriceSettingsIssue,
} from './settings/types.ts';
export * from './types.ts';
export * from './usage/index.ts';
