/** `@pydantic/genai-prices`, through its public API. Its match rules become whole ids; what cannot is an error. */
import {
  type MatchLogic,
  type ModelInfo,
  type Provider,
  type TieredPrices,
  waitForUpdate,
} from '@pydantic/genai-prices';
import type { EncodedTier } from '../../src/book/encoded.ts';
import { type Claim, failOn, type SourcePeriod, type SourceRow } from '../rows.ts';

export const GENAI_ORIGIN = 'genai-prices@0.1.8';

/** Its provider -> our seller. */
const SELLERS: Readonly<Record<string, string>> = {
  anthropic: 'anthropic',
  arcee: 'arcee',
  avian: 'avian',
  aws: 'bedrock',
  azure: 'azure',
  baseten: 'baseten',
  cerebras: 'cerebras',
  cloudflare: 'cloudflare',
  cohere: 'cohere',
  deepseek: 'deepseek',
  doubleword: 'doubleword',
  fireworks: 'fireworks',
  google: 'google',
  groq: 'groq',
  minimax: 'minimax',
  mistral: 'mistral',
  modal: 'modal',
  moonshotai: 'moonshot',
  novita: 'novita',
  openai: 'openai',
  openrouter: 'openrouter',
  ovhcloud: 'ovhcloud',
  perplexity: 'perplexity',
  quicksilverpro: 'quicksilverpro',
  together: 'together',
  typesafe: 'typesafe',
  voyageai: 'voyageai',
  'x-ai': 'xai',
  zai: 'zai',
  zhipuai: 'zhipuai',
};

/** Why a provider is left out. */
const LEFT_OUT: readonly (readonly [RegExp, string])[] = [
  [/^(?:github-copilot|cursor)$/, 'sold by subscription, not by token'],
  [/^huggingface_/, 'one host for all of them: which one served a call cannot be told'],
];

/** Its price keys: our meter, and what its number is divided by to be in our unit. */
const METERS: Readonly<Record<string, readonly [meter: string, per: number]>> = {
  input_mtok: ['input', 1],
  output_mtok: ['output', 1],
  cache_read_mtok: ['cacheRead', 1],
  cache_write_mtok: ['cacheWrite', 1],
  cache_write_1h_mtok: ['cacheWrite1h', 1],
  input_audio_mtok: ['audioInput', 1],
  output_audio_mtok: ['audioOutput', 1],
  cache_audio_read_mtok: ['audioCacheRead', 1],
  input_image_mtok: ['imageInput', 1],
  output_image_mtok: ['imageOutput', 1],
  cache_image_read_mtok: ['imageCacheRead', 1],
  input_video_mtok: ['videoInput', 1],
  output_video_mtok: ['videoOutput', 1],
  output_reasoning_mtok: ['reasoning', 1],
  output_citation_mtok: ['citation', 1],
  web_searches_kcount: ['webSearches', 1],
  storage_searches_kcount: ['fileSearches', 1],
  requests_kcount: ['requests', 1],
  input_document_kpages: ['pages', 1],
  input_audio_hours: ['inputAudioSeconds', 60],
  audio_hours: ['inputAudioSeconds', 60],
};

/** Known keys without a meter of ours. */
const NO_METER = new Set(['input_annotated_document_kpages', 'input_text_messages_kcount']);

export async function genaiRows(): Promise<SourceRow[]> {
  const providers = (await waitForUpdate()) ?? [];
  const problems: string[] = [];
  const rows = providers.flatMap((provider) => {
    const seller = SELLERS[provider.id];
    if (seller === undefined) {
      if (!LEFT_OUT.some(([pattern]) => pattern.test(provider.id))) problems.push(`unknown provider ${provider.id}`);
      return [];
    }
    return provider.models.map((model) => row(seller, provider, model, problems));
  });
  failOn(problems, 'genai-prices');
  return rows;
}

function row(seller: string, provider: Provider, model: ModelInfo, problems: string[]): SourceRow {
  const where = `${provider.id}/${model.id}`;
  const ids = new Map<string, Claim>();
  const snapshots = expand(model.match, ids, (clause) => problems.push(`${where}: rule ${clause} is no whole id`));
  const conditional = Array.isArray(model.prices) ? model.prices : [{ prices: model.prices }];
  const periods: SourcePeriod[] = [];
  for (const { constraint, prices } of conditional) {
    // Prices by the hour come from the overlay, which knows the whole clock.
    if (constraint?.type === 'time_of_date') continue;
    const from = constraint?.type === 'start_date' ? `${constraint.start_date}T00:00:00Z` : undefined;
    periods.push({ from, ...ratesOf(prices, where, problems) });
  }
  const onVertex = seller === 'google' && /^claude|-maas$/.test(model.id);
  return {
    seller: onVertex ? 'vertex' : seller,
    model: bareId(seller, model.id),
    ids: new Map([...ids].map(([id, claim]) => [bareId(seller, id), claim])),
    snapshots,
    periods,
    // Elsewhere's price under another seller's name is a guess, and says so itself.
    estimated: seller === 'openrouter' || /openrouter|open router/i.test(model.price_comments ?? ''),
    origin: GENAI_ORIGIN,
    url: provider.pricing_urls?.[0],
    source: GENAI_ORIGIN,
  };
}

/** Its Bedrock rows are `regional.x` and `global.x`: the bare id is billed as a regional one. */
function bareId(seller: string, id: string): string {
  return seller === 'bedrock' ? id.replace(/^regional\./, '') : id;
}

function ratesOf(
  prices: Readonly<Record<string, number | TieredPrices | undefined>>,
  where: string,
  problems: string[],
): { rates: Record<string, number>; tiers?: EncodedTier[] } {
  const rates: Record<string, number> = {};
  const tiers = new Map<number, Record<string, number>>();
  for (const [key, price] of Object.entries(prices)) {
    if (price === undefined || NO_METER.has(key)) continue;
    const [meter, per] = METERS[key] ?? [];
    if (meter === undefined || per === undefined) {
      problems.push(`${where}: unknown price ${key}`);
      continue;
    }
    if (typeof price === 'number') rates[meter] = clean(price / per);
    else {
      rates[meter] = clean(price.base / per);
      for (const { start, price: above } of price.tiers) {
        tiers.set(start, { ...tiers.get(start), [meter]: clean(above / per) });
      }
    }
  }
  // Only input has a price: embeddings and rerankers, which bill no output.
  if (rates.input !== undefined && rates.output === undefined) rates.output = 0;
  if (tiers.size === 0) return { rates };
  return { rates, tiers: [...tiers].map(([start, changed]) => tier(start, { ...tokensOf(rates), ...changed })) };
}

/**
 * Its bounds are exclusive; `271999` and `199999` say "from 272,000" and "from 200,000". The first is contested (OpenAI's
 * pages say both "<272K" and ">272K"), the second is how xAI words it.
 */
function tier(start: number, rates: Record<string, number>): EncodedTier {
  if (start === 271_999) return [272_000, 2, rates];
  if (start % 1000 === 999) return [start + 1, 1, rates];
  return [start, 0, rates];
}

function tokensOf(rates: Record<string, number>): Record<string, number> {
  const counted = new Set(['webSearches', 'fileSearches', 'requests', 'pages', 'inputAudioSeconds']);
  return Object.fromEntries(Object.entries(rates).filter(([meter]) => !counted.has(meter)));
}

/** Float noise of the source (0.18000000000000002) is no price. */
function clean(price: number): number {
  return Math.round(price * 1e9) / 1e9;
}

const DATED = /^\^(.+)-\\d(?:\{8\}|\{4\}-\\d\{2\}-\\d\{2\}|)\$?$/;

/** Adds the whole ids that a rule stands for; returns whether it stands for dated snapshots, too. */
function expand(match: MatchLogic, ids: Map<string, Claim>, problem: (clause: string) => void): boolean {
  if ('or' in match) return match.or.map((clause) => expand(clause, ids, problem)).some(Boolean);
  // Only used as "starts with X but is no TTS model".
  if ('and' in match)
    return match.and.map((clause) => 'regex' in clause || expand(clause, ids, problem)).every(Boolean);
  if ('equals' in match) {
    ids.set(match.equals, 'listed');
    return false;
  }
  const [clause] = Object.values(match) as string[];
  if (clause === undefined) return false;
  if ('regex' in match) {
    const dated = DATED.exec(clause);
    if (dated === null) problem(clause);
    else claim(ids, (dated[1] as string).replaceAll('\\', ''));
    return true;
  }
  const id = clause.replace(/(?:-20\d\d)?[-.@]?$/, '').replace(/-0$/, (tail) => (KEEPS_ZERO.test(clause) ? tail : ''));
  if (id !== '') claim(ids, id);
  return !('ends_with' in match);
}

/** Versions that end in a zero, as opposed to the beginning of `-001`. */
const KEEPS_ZERO = /(?:sonnet|opus|haiku)-\d-0$/;

function claim(ids: Map<string, Claim>, id: string): void {
  if (!ids.has(id)) ids.set(id, 'derived');
}
