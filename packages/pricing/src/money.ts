/**
 * Exact money. Amounts are integers of pico-USD (1e-12 USD) in `bigint`; a rate is an integer of pico-USD per unit in a
 * double (USD 1 per 1M tokens = 1,000,000 pico-USD per token). A product is taken in doubles only while it is exact.
 */

/** pico-USD in one USD. */
export const PICO_PER_USD = 1_000_000_000_000n;

const QUANTITY_SCALE = 1_000_000;

/**
 * `rate * quantity` in pico-USD, exact for a whole quantity. A fractional one (seconds of audio) is taken to a millionth
 * of a unit and its product rounded half up. Both arguments must be finite and not negative.
 */
export function multiply(rate: number, quantity: number): bigint {
  const product = rate * quantity;
  if (Number.isInteger(quantity)) {
    return product <= Number.MAX_SAFE_INTEGER ? BigInt(product) : BigInt(rate) * BigInt(quantity);
  }
  const scaled = BigInt(rate) * millionths(quantity);
  const scale = BigInt(QUANTITY_SCALE);
  return (scaled + scale / 2n) / scale;
}

/** Whole millionths of a fraction, which is below 2^53: above it every double is whole. */
function millionths(quantity: number): bigint {
  const whole = Math.floor(quantity);
  return BigInt(whole) * BigInt(QUANTITY_SCALE) + BigInt(Math.round((quantity - whole) * QUANTITY_SCALE));
}

/** Exact sum of pico-USD amounts; absent ones (unpriced calls) are skipped, never taken as a price of 0. */
export function sumPico(amounts: Iterable<bigint | undefined>): bigint {
  let sum = 0n;
  for (const amount of amounts) if (amount !== undefined) sum += amount;
  return sum;
}

/** The amount in USD, rounded once to the nearest double. */
export function picoToUsd(pico: bigint): number {
  const double = Number(pico);
  if (Number.isSafeInteger(double)) return double / 1e12;
  return Number(formatUsd(pico, 12));
}

/**
 * A USD amount as exact pico-USD. Takes a double (by its shortest decimal form, so that 0.1 is a tenth) or a decimal
 * string, with or without exponent; what is finer than a pico-dollar is rounded half away from zero.
 * `undefined` for anything that is not a finite decimal number.
 */
export function usdToPico(usd: number | string): bigint | undefined {
  return decimalToInteger(typeof usd === 'number' ? String(usd) : usd.trim(), 12);
}

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;

/** `text * 10^digits`, rounded half away from zero; `undefined` unless `text` is a decimal number. */
export function decimalToInteger(text: string, digits: number): bigint | undefined {
  const match = DECIMAL.exec(text);
  if (!match) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  const shift = digits + Number(exponent) - fraction.length;
  const mantissa = BigInt(whole + fraction);
  let value = mantissa;
  if (shift >= 0) value = mantissa * 10n ** BigInt(shift);
  else {
    const divisor = 10n ** BigInt(-shift);
    value = (mantissa + divisor / 2n) / divisor;
  }
  return sign === '-' ? -value : value;
}

/**
 * The amount as a decimal string with exactly `decimals` places (0 to 12, default 4), without sign of currency or
 * grouping. Rounded half away from zero: $0.00005 is `0.0001`. A column that must add up is summed before it is rounded.
 */
export function formatUsd(pico: bigint, decimals = 4): string {
  const places = Math.min(12, Math.max(0, Math.trunc(decimals)));
  const unit = 10n ** BigInt(12 - places);
  const magnitude = pico < 0n ? -pico : pico;
  const rounded = (magnitude + unit / 2n) / unit;
  const digits = rounded.toString().padStart(places + 1, '0');
  const text = places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
  return pico < 0n && rounded !== 0n ? `-${text}` : text;
}
