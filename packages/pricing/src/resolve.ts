/**
 * Who bills a call and by which row. The answer for each distinct (provider, host, ids) is remembered, negative ones too,
 * in a map of bounded size: an application has few of them, and an attacker who sends many must not fill the memory.
 */
import type { PriceBook, Row } from './book/model.ts';
import { type Match, matchModel } from './match.ts';
import { isPrivateHost, LOCAL_SELLER, placeOfHost, type Seller, sellerOfHost, sellerOfName } from './sellers.ts';
import { discountsFor, overridesFor } from './settings/applies.ts';
import type { CompiledDiscount, CompiledOverride, CompiledSettings } from './settings/compile.ts';
import type { Cost, PriceContext, PriceRequest } from './types.ts';

/** What every cost of a resolution says of itself. */
export type Identity = Pick<Cost, 'version' | 'rowId' | 'match'>;

export interface Resolution {
  readonly identity: Identity;
  readonly seller?: Seller;
  readonly row?: Row;
  readonly overrides: readonly CompiledOverride[];
  readonly discounts: readonly CompiledDiscount[];
  /** Nobody bills it. */
  readonly free: boolean;
  /** Facts that the host states. */
  readonly hostContext?: PriceContext;
  readonly flags: readonly string[];
  /** The name that the settings' aliases took for another, and that other as `seller/model`. */
  readonly alias?: { readonly from: string; readonly to: string };
}

const MAX_ENTRIES = 2048;

/** Flag: the row was found by the less telling of the two ids (the request's where there is a response). */
export const SECOND_ID = 'matched_by_second_id';

/** An answer, and what it is the answer to. */
interface Entry {
  readonly provider: string;
  readonly host: string | undefined;
  readonly responseModel: string | undefined;
  readonly requestModel: string | undefined;
  readonly resolution: Resolution;
}

type ByRequest = Map<string | undefined, Entry>;
type ByResponse = Map<string | undefined, ByRequest>;
type ByHost = Map<string | undefined, ByResponse>;

export class Resolver {
  readonly #book: PriceBook;
  readonly #settings: CompiledSettings;
  readonly #memo: Map<string, ByHost> = new Map();
  /** Calls in a row are mostly alike: comparing four strings is less than four look-ups. */
  #last: Entry | undefined = undefined;
  #entries = 0;

  constructor(book: PriceBook, settings: CompiledSettings) {
    this.#book = book;
    this.#settings = settings;
  }

  resolveCall({ provider, host, responseModel, requestModel }: PriceRequest): Resolution {
    return this.resolve(text(provider) ?? '', text(host), text(responseModel), text(requestModel));
  }

  resolve(provider: string, host?: string, responseModel?: string, requestModel?: string): Resolution {
    const last = this.#last;
    if (
      last !== undefined &&
      last.requestModel === requestModel &&
      last.responseModel === responseModel &&
      last.provider === provider &&
      last.host === host
    ) {
      return last.resolution;
    }
    const known = this.#memo.get(provider)?.get(host)?.get(responseModel)?.get(requestModel);
    if (known !== undefined) {
      this.#last = known;
      return known.resolution;
    }
    if (this.#entries >= MAX_ENTRIES) {
      this.#memo.clear();
      this.#entries = 0;
    }
    const resolution = this.#find(provider, host, responseModel, requestModel);
    if (tooLong(host) || tooLong(responseModel) || tooLong(requestModel)) return resolution;
    const entry: Entry = { provider, host, responseModel, requestModel, resolution };
    const byHost = into(this.#memo, provider, (): ByHost => new Map());
    const byResponse = into(byHost, host, (): ByResponse => new Map());
    into(byResponse, responseModel, (): ByRequest => new Map()).set(requestModel, entry);
    this.#entries++;
    return resolution;
  }

  #find(provider: string, host?: string, responseModel?: string, requestModel?: string): Resolution {
    const byHost = host === undefined || host === '' ? undefined : sellerOfHost(host);
    const seller = byHost ?? sellerOfName(provider) ?? unknownSeller(provider);
    // A host of nobody's we know is a gateway or a proxy: the SDK's own provider is what it most likely passes on.
    const flags =
      host !== undefined && host !== '' && byHost === undefined && !isPrivateHost(host) ? ['host_unknown'] : [];
    const models = [responseModel, requestModel].filter(
      (model): model is string => typeof model === 'string' && model !== '',
    );
    if (seller?.requestFirst === true) models.reverse();
    const free = seller?.id === LOCAL_SELLER && host !== undefined && isPrivateHost(host);
    const base = { seller, free, flags, hostContext: host === undefined ? undefined : placeOfHost(host) };

    for (const model of models) {
      const alias = this.#alias(seller, model);
      if (alias !== undefined) return this.#with(base, alias.seller, alias.model, model);
    }
    for (const model of models) {
      const resolution = this.#with(base, seller, model);
      if (resolution.row === undefined && resolution.overrides.length === 0) continue;
      // A guessed price is not for a model that one's own machine serves by the same name.
      if (resolution.row?.estimated === true && host !== undefined && isPrivateHost(host)) continue;
      // The answer named a model that we do not know: that of the request is a guess.
      return model === models[0] ? resolution : { ...resolution, flags: [...resolution.flags, SECOND_ID] };
    }
    const rowId = free && models[0] !== undefined ? `${LOCAL_SELLER}/${models[0]}` : undefined;
    const identity = { version: this.#book.version, rowId, match: undefined };
    return { ...base, identity, overrides: [], discounts: [] };
  }

  #with(
    base: Pick<Resolution, 'free' | 'flags' | 'hostContext'>,
    seller: Seller,
    model: string,
    aliasOf?: string,
  ): Resolution {
    const match: Match | undefined = matchModel(this.#book, seller, model);
    const row = match?.row;
    const overrides = overridesFor(this.#settings, seller, model, row?.model);
    // A price of one's own needs no row.
    const rowId = row?.id ?? (overrides.length > 0 ? `${seller.id}/${model}` : undefined);
    const how = aliasOf !== undefined || match?.fallbackFrom !== undefined ? 'alias' : (match?.how ?? 'exact');
    return {
      identity: { version: this.#book.version, rowId, match: how },
      seller,
      row,
      overrides,
      discounts: discountsFor(this.#settings, seller, model, row?.model),
      free: base.free || (match?.free === true && seller.id === 'openrouter') || row?.free === true,
      hostContext: base.hostContext,
      flags: match?.fallbackFrom === undefined ? base.flags : [...base.flags, `seller_fallback:${match.fallbackFrom}`],
      alias: aliasOf === undefined ? undefined : { from: aliasOf, to: `${seller.id}/${model}` },
    };
  }

  #alias(seller: Seller | undefined, model: string): { seller: Seller; model: string } | undefined {
    const { aliases } = this.#settings;
    if (aliases.size === 0) return undefined;
    const name = model.trim().toLowerCase();
    return (seller && aliases.get(`${seller.id}/${name}`)) ?? aliases.get(name);
  }
}

/** A provider that we have never heard of: no list prices, but prices of one's own may name its models. */
function unknownSeller(provider: string): Seller {
  return { id: provider.trim().toLowerCase() || 'unknown', provider, hosts: [] };
}

function tooLong(text: string | undefined): boolean {
  return text !== undefined && text.length > 512;
}

function into<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = create();
    map.set(key, value);
  }
  return value;
}

/** A usable string of untrusted input. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
