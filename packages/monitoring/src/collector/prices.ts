/**
 * The price book as a table that the collector can look up.
 *
 * Nothing is priced by a second set of rules: each rate is what the engine itself charges for a probe of known quantities,
 * so discounts, prices of one's own, aliases, fallbacks and tiers are in it as the engine applies them. A row is what one
 * id of one seller costs; what a row does not have costs nothing extra to look up.
 */
import {
  type Cost,
  createPricer,
  hourOf,
  type MeterName,
  type Pricer,
  type PriceSettings,
  type Row,
  SELLERS,
  type Seller,
  type Usage,
} from '@tokenmeter/pricing';

/** Meters that a span can express, and how a row names their rates (USD per million tokens). */
export const RATE_KEYS: Readonly<Partial<Record<MeterName, string>>> = {
  input: 'in',
  output: 'out',
  cacheRead: 'read',
  cacheWrite: 'write',
  reasoning: 'think',
  audioInput: 'audio_in',
  imageInput: 'image_in',
  audioOutput: 'audio_out',
  imageOutput: 'image_out',
  audioCacheRead: 'audio_read',
  imageCacheRead: 'image_read',
};

/** A row, or a part of one. Numbers are doubles in the collector's language. */
export interface PriceRow {
  /** Rates by {@link RATE_KEYS}, without those that {@link STAND_INS} give; the fee of a request is `request`, USD. */
  readonly rates: Readonly<Record<string, number>>;
  /** Every amount is an estimate. */
  readonly estimated?: boolean;
  readonly free?: boolean;
  /** Snapshots of the id (with a date at its end) are this row, too. */
  readonly snapshots?: boolean;
  /** A write to the cache that lives for an hour costs something else, and a span cannot say it. */
  readonly longWrites?: boolean;
  /** Rates for prompts of more tokens. */
  readonly tier?: { readonly above: number; readonly ambiguousAt?: number; readonly row: PriceRow };
  /** Rates by the service that the response names. */
  readonly services?: Readonly<Record<string, PriceRow>>;
  /** Rates at some hours. */
  readonly peak?: { readonly clock: Clock; readonly row: PriceRow };
  /** Rates from a time on, Unix seconds. */
  readonly next?: { readonly from: number; readonly row: PriceRow };
}

type Schedule = NonNullable<Row['periods'][number]['schedule']>;

/** When a seller's peak hours are: {@link Schedule} as plain lists. */
export interface Clock extends Pick<Schedule, 'offsetHours' | 'windows' | 'holidaysUntil'> {
  readonly days: readonly number[];
  readonly holidays: readonly string[];
}

export interface PriceTable {
  readonly version: string;
  /** Seller by name of a provider, lower case, and by host. */
  readonly names: ReadonlyMap<string, string>;
  readonly hosts: ReadonlyMap<string, string>;
  /** `gen_ai.provider.name` by seller. */
  readonly providers: ReadonlyMap<string, string>;
  /** Rows by seller and id. */
  readonly sellers: ReadonlyMap<string, ReadonlyMap<string, PriceRow>>;
}

/** Services that a span can name. */
const SERVICES = ['flex', 'priority', 'batch'] as const;

/** Within so many milliseconds a seller by the clock has both kinds of hours. */
const CLOCK_MS = 14 * 86_400_000;
const CLOCK_STEP_MS = 900_000;

/** How far back a span may have begun. */
const HORIZON_MS = 35 * 86_400_000;

export function priceTable(settings: PriceSettings): PriceTable {
  const pricer = createPricer(settings);
  const sellers = new Map<string, ReadonlyMap<string, PriceRow>>();
  for (const seller of SELLERS) {
    if (sellers.has(seller.id)) continue;
    const rows = rowsOf(seller, pricer, settings);
    if (rows.size > 0) sellers.set(seller.id, rows);
  }
  return {
    version: pricer.version,
    names: firstWins(
      SELLERS.flatMap(({ id, provider, names = [] }) => [id, provider, ...names].map((name) => [name, id])),
    ),
    hosts: firstWins(
      SELLERS.flatMap(({ id, hosts }) => hosts.filter((host) => !host.includes('*')).map((host) => [host, id])),
    ),
    providers: firstWins(SELLERS.map(({ id, provider }) => [id, provider])),
    sellers,
  };
}

/** The different clocks of a table, as texts: a row names its clock by the place in this list. */
export function clocksOf({ sellers }: PriceTable): readonly string[] {
  const all = (row: PriceRow): readonly string[] => [
    ...(row.peak === undefined ? [] : [JSON.stringify(row.peak.clock)]),
    ...(row.next === undefined ? [] : all(row.next.row)),
  ];
  return [...new Set([...sellers.values()].flatMap((rows) => [...rows.values()].flatMap(all)))];
}

function firstWins(entries: readonly (readonly string[])[]): ReadonlyMap<string, string> {
  return new Map(entries.map(([key, value]) => [key as string, value as string] as const).reverse());
}

function rowsOf(seller: Seller, pricer: Pricer, settings: PriceSettings): Map<string, PriceRow> {
  const { book } = pricer;
  const rows = new Map<string, PriceRow>();
  for (const id of [seller.id, ...(seller.shares ?? []), ...(seller.fallback ?? [])]) {
    const known = book.seller(id);
    for (const [model, row] of known?.index ?? []) {
      if (rows.has(model)) continue;
      const priced = new Probe(pricer, seller, model).dated(timesOf(row, pricer, settings));
      if (priced) rows.set(model, { ...priced, snapshots: known?.snapshots.has(model) });
    }
  }
  for (const model of ownNames(seller, settings)) {
    const priced = new Probe(pricer, seller, model).dated(timesOf(undefined, pricer, settings));
    if (priced) rows.set(model, { ...priced, snapshots: rows.get(model)?.snapshots });
  }
  return rows;
}

/** Ids that only the settings know: aliases and models with a price of one's own. */
function ownNames(seller: Seller, { aliases = {}, overrides = [] }: PriceSettings): readonly string[] {
  const names = Object.keys(aliases).flatMap((alias) => {
    const slash = alias.indexOf('/');
    const of =
      slash > 0
        ? SELLERS.find(({ provider, names = [] }) => [provider, ...names].includes(alias.slice(0, slash)))
        : undefined;
    if (of === undefined) return [alias];
    return of.id === seller.id ? [alias.slice(slash + 1)] : [];
  });
  const own = overrides.filter(
    ({ provider }) =>
      provider === undefined || [seller.id, seller.provider, ...(seller.names ?? [])].includes(provider),
  );
  return [...names, ...own.map(({ model }) => model)].map((name) => name.trim().toLowerCase());
}

/** The moments at which the price of a row changes, ascending, beginning with one that is past. */
function timesOf(row: Row | undefined, pricer: Pricer, settings: PriceSettings): readonly number[] {
  const now = Date.parse(pricer.bookDate);
  const discounts = Array.isArray(settings.discounts) ? settings.discounts : [];
  const own = [...(settings.overrides ?? []), ...discounts].flatMap(({ from, until }) => [from, until]);
  const times = [
    ...(row?.periods.map(({ from }) => from) ?? []),
    ...own.flatMap((time) => (time ? [Date.parse(time)] : [])),
  ];
  return [now - HORIZON_MS, ...new Set(times.filter((time) => time > now - HORIZON_MS).sort((a, b) => a - b))];
}

const INFERENCE =
  /^(?:variant_unpublished|search_size_unknown|schedule_unconfirmed|estimated_row|matched_by_second_id|seller_fallback:)/;

/** Asks the engine what an id costs. */
class Probe {
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

export interface StandIn {
  /** The rate that a row may lack, and the one that it is then. In this order: the later ones build on the earlier. */
  readonly key: string;
  readonly other: string;
  /** An amount that is made with it is an estimate; otherwise providers bill it so by rule. */
  readonly estimate: boolean;
}

/** As the engine's own table of meters has them. */
export const STAND_INS: readonly StandIn[] = [
  { key: 'read', other: 'in', estimate: true },
  { key: 'write', other: 'in', estimate: true },
  { key: 'audio_in', other: 'in', estimate: true },
  { key: 'audio_out', other: 'out', estimate: true },
  { key: 'think', other: 'out', estimate: false },
  { key: 'image_in', other: 'in', estimate: false },
  { key: 'image_out', other: 'out', estimate: false },
  { key: 'audio_read', other: 'read', estimate: false },
  { key: 'image_read', other: 'read', estimate: false },
];
