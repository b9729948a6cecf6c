/** Pricing without settings. */
import { createPricer, type Pricer } from './pricer.ts';
import type { Cost, PriceRequest } from './types.ts';

let shared: Pricer | undefined;

/** The cost of a call at list price, by the bundled book. Never throws. */
export function price(request: PriceRequest): Cost {
  shared ??= createPricer();
  return shared.price(request);
}
