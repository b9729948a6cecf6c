/** Which of a user's price settings apply to a model, and when. */
import { formsOf } from '../match.ts';
import type { Seller } from '../sellers.ts';
import type { CompiledDiscount, CompiledOverride, CompiledSettings } from './compile.ts';

/** What a setting may call a model: its id in any of its forms, or the row that it found. Lower case. */
function namesOf(seller: Seller, model: string, rowModel: string | undefined): ReadonlySet<string> {
  return new Set([...formsOf(model, seller), ...(rowModel === undefined ? [] : [rowModel.toLowerCase()])]);
}

/** The overrides that may apply to an id of a seller: by the id in any of its forms, or by the row that it found. */
export function overridesFor(
  settings: CompiledSettings,
  seller: Seller,
  model: string,
  rowModel: string | undefined,
): readonly CompiledOverride[] {
  if (settings.overrides.length === 0) return [];
  const names = namesOf(seller, model, rowModel);
  return settings.overrides.filter((override) => {
    return (override.seller === undefined || override.seller === seller.id) && names.has(override.model);
  });
}

/** The discount on one meter of a model at a time: the most specific one in force, the later one of equals. */
export function discountOn(
  discounts: readonly CompiledDiscount[],
  meter: string,
  at: number,
): CompiledDiscount | undefined {
  let best: CompiledDiscount | undefined;
  for (const discount of discounts) {
    if (discount.meter !== undefined && discount.meter !== meter) continue;
    if (at < discount.from || at >= discount.until) continue;
    if (best === undefined || specificity(discount) >= specificity(best)) best = discount;
  }
  return best;
}

function specificity(discount: CompiledDiscount): number {
  return (discount.meter ? 4 : 0) + (discount.model ? 2 : 0) + (discount.seller ? 1 : 0);
}

/** The discounts that may apply to a model of a seller. */
export function discountsFor(
  settings: CompiledSettings,
  seller: Seller,
  model: string,
  rowModel: string | undefined,
): readonly CompiledDiscount[] {
  if (settings.discounts.length === 0) return [];
  const names = namesOf(seller, model, rowModel);
  return settings.discounts.filter((discount) => {
    if (discount.seller !== undefined && discount.seller !== seller.id) return false;
    return discount.model === undefined || names.has(discount.model);
  });
}
