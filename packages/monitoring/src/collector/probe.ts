/**
 * What an id costs, asked of the engine by calls of known quantities: discounts, prices of one's own, aliases, fallbacks, tiers and
 * hours are in the answer as the engine applies them.
 */
import { type Cost, hourOf, type MeterName, type Pricer, type Row, type Seller, type Usage } from '@tokenmeter/pricing';
import { type PriceRow, RATE_KEYS, type Schedule, STAND_INS } from './rows.ts';

/** Services that a span can name. */
const SERVICES = ['flex', 'priority', 'batch'] as const;

/** Within so many milliseconds a seller by the clock has both kinds of hours. */
const CLOCK_MS = 14 * 86_400_000;
const CLOCK_STEP_MS = 900_000;

const INFERENCE =
  /^(?:variant_unpublished|search_size_unknown|schedule_unconfirmed|estimated_row|matched_by_second_id|seller_fallback:)/;

/** Of one id of a seller. */
export class Probe {
  readonly #pricer: Pricer;
  readonly #seller: Seller;
  readonly #model: string;

  constructor(pricer: Pricer, seller: Seller, model: string) {
    this.#pricer = pricer;
    this.#seller = seller;
    this.#model = model;
  }

  /** The row with its changes over time; `undefined` where the id has no price at any of them. */
  dated(times: readonly number[]): PriceRow | undefined {
    let later: { from: number; row: PriceRow } | undefined;
    for (const at of times.toReversed()) {
      const row = this.#at(at);
      if (row === undefined && later === undefined) continue;
      const same =
        later !== undefined &&
        row !== undefined &&
        later.row.next === undefined &&
        JSON.stringify(row) === JSON.stringify(later.row);
      const here: PriceRow = same || later === undefined ? (row as PriceRow) : { ...(row ?? UNPRICED), next: later };
      later = { from: at / 1000, row: here };
    }
    return later?.row;
  }

  /** Outside of peak hours, and in them. */
  #at(at: number): PriceRow | undefined {
    const clock = this.#period(at)?.schedule;
    if (clock === undefined) return this.#hour(at);
    const [calm, busy] = ([['off-peak'], ['peak', 'peak-unconfirmed']] as const).map((hours) =>
      hours.map((hour) => timeOf(clock, hour, at)).find((time) => time !== undefined),
    );
    const row = calm === undefined ? undefined : this.#hour(calm);
    const peak = busy === undefined ? undefined : this.#hour(busy);
    if (row === undefined || peak === undefined) return row;
    const { days, holidays, offsetHours, windows, holidaysUntil } = clock;
    return {
      ...row,
      peak: { clock: { offsetHours, windows, holidaysUntil, days: [...days], holidays: [...holidays] }, row: peak },
    };
  }

  #hour(at: number): PriceRow | undefined {
    const standard = this.#tiers(at, undefined);
    if (standard === undefined || standard.free) return standard;
    const services: Record<string, PriceRow> = {};
    for (const service of SERVICES) {
      if (this.#price({ input: 1 }, at, service).flags.includes('variant_unpublished')) continue;
      const row = this.#tiers(at, service);
      if (row !== undefined) services[service] = row;
    }
    return {
      ...standard,
      ...(this.#longWrites(at) && { longWrites: true }),
      ...(Object.keys(services).length > 0 && { services }),
    };
  }

  #period(at: number): Row['periods'][number] | undefined {
    const { rowId } = this.#price({ input: 1 }, at, undefined);
    const seller = rowId?.slice(0, rowId.indexOf('/'));
    const row = seller && this.#pricer.book.seller(seller)?.rows.find(({ id }) => id === rowId);
    return row ? row.periods.find(({ from }) => from <= at) : undefined;
  }

  #longWrites(at: number): boolean {
    const written = this.#price({ input: 1000, cacheWrite: 1000 }, at, undefined).parts?.cacheWrite;
    const long = this.#price({ input: 1000, cacheWrite1h: 1000 }, at, undefined).parts?.cacheWrite1h;
    return written !== undefined && written !== long;
  }

  /** Rates by size of the prompt, the smallest outermost. */
  #tiers(at: number, service: string | undefined): PriceRow | undefined {
    const tiers = this.#period(at)?.standard.tiers ?? [];
    let row = this.#rates(at, service, (tiers.at(-1)?.at ?? -1) + 1, undefined);
    for (const [index, tier] of [...tiers.entries()].toReversed()) {
      const below = this.#rates(at, service, (tiers[index - 1]?.at ?? -1) + 1, tier.at - 1);
      if (below === undefined || row === undefined) return undefined;
      const above = tier.inclusive ? tier.at - 1 : tier.at;
      row = { ...below, tier: { above, ...(tier.ambiguous && { ambiguousAt: tier.at }), row } };
    }
    return row;
  }

  /** What each meter costs in a prompt of `from` to `to` tokens. */
  #rates(at: number, service: string | undefined, from: number, to: number | undefined): PriceRow | undefined {
    // As many as fit below the bound: the engine rounds a discount to a pico-dollar per part.
    const each = Math.max(1, Math.floor((to ?? from + 8_000_000) / 8));
    const prompt = Math.max(from, each * 8);
    const usage: Usage = {
      input: prompt,
      output: each * 8,
      ...{ cacheRead: each * 3, cacheWrite: each, reasoning: each },
      ...{ audioInput: each * 2, imageInput: each * 2, audioCacheRead: each, imageCacheRead: each },
      ...{ audioOutput: each, imageOutput: each },
    };
    const cost = this.#price(usage, at, service);
    if (cost.status === 'free') return FREE;
    const parts = cost.parts ?? {};
    if (cost.parts === undefined) return this.#textOnly(at, service, from, to);
    const quantities = quantitiesOf(prompt, each);
    const rates = Object.fromEntries(
      Object.entries(RATE_KEYS).flatMap(([meter, key]) => {
        const part = parts[meter];
        return part === undefined ? [] : [[key, Number(part) / (quantities[meter as MeterName] as number) / 1e6]];
      }),
    );
    return rowOf(cost, rates);
  }

  /** A model without output (embeddings) has no rate for it. */
  #textOnly(at: number, service: string | undefined, from: number, to: number | undefined): PriceRow | undefined {
    const prompt = Math.max(from, Math.floor(to ?? from + 1_000_000));
    const cost = this.#price({ input: prompt }, at, service);
    if (cost.status === 'free') return FREE;
    const part = cost.parts?.input;
    if (part === undefined) return undefined;
    const read = this.#price({ input: prompt, cacheRead: prompt }, at, service).parts?.cacheRead;
    return rowOf(cost, {
      in: Number(part) / prompt / 1e6,
      ...(read !== undefined && { read: Number(read) / prompt / 1e6 }),
    });
  }

  #price(usage: Usage, at: number, serviceTier: string | undefined): Cost {
    const context = serviceTier === undefined ? {} : { serviceTier };
    const { provider } = this.#seller;
    return this.#pricer.price({ provider, requestModel: this.#model, at, report: { usage, context, flags: [] } });
  }
}

/** The first such hour from `at` on. */
function timeOf(clock: Schedule, hour: ReturnType<typeof hourOf>, at: number): number | undefined {
  for (let time = at; time < at + CLOCK_MS; time += CLOCK_STEP_MS) if (hourOf(clock, time) === hour) return time;
  return undefined;
}

function rowOf(cost: Cost, rates: Readonly<Record<string, number>>): PriceRow {
  const inferred = new Set(cost.flags.map((flag) => RATE_KEYS[flag.replace('missing_rate:', '') as MeterName]));
  const own = Object.entries(rates).filter(([key, rate]) => {
    const standIn = STAND_INS.find((one) => one.key === key);
    if (standIn === undefined) return true;
    return standIn.estimate ? !inferred.has(key) : rate !== rates[standIn.other];
  });
  const fee = cost.parts?.requests;
  return {
    rates: { ...Object.fromEntries(own), ...(fee !== undefined && { request: Number(fee) / 1e12 }) },
    ...(cost.flags.some((flag) => INFERENCE.test(flag)) && { estimated: true }),
  };
}

const FREE: PriceRow = { rates: {}, free: true };
/** Known, but with a price only later. */
const UNPRICED: PriceRow = { rates: {} };

/** Disjoint quantities of the probe, as the engine measures it. */
function quantitiesOf(prompt: number, each: number): Readonly<Partial<Record<MeterName, number>>> {
  return {
    ...{
      cacheRead: each,
      audioCacheRead: each,
      imageCacheRead: each,
      cacheWrite: each,
      audioInput: each,
      imageInput: each,
    },
    ...{ input: prompt - each * 6, reasoning: each, audioOutput: each, imageOutput: each, output: each * 5 },
  };
}
