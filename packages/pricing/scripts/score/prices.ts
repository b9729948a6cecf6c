/** Does a usage vector, or a provider's body, cost what the case says? */
import { METERS } from '../../src/meters.ts';
import { createPricer, type Pricer } from '../../src/pricer.ts';
import { sellerOfName } from '../../src/sellers.ts';
import type { Cost, PriceRequest, Usage, UsageReport } from '../../src/types.ts';
import { extractUsage, type UsageApi } from '../../src/usage/index.ts';
import { type Outcome, type Score, tally } from './tally.ts';

export interface PriceCase {
  readonly id: string;
  readonly kind: string;
  readonly provider: string;
  readonly model: string;
  readonly apiFlavor?: string;
  readonly usage: Readonly<Record<string, number>>;
  readonly raw?: unknown;
  /** null: when it was is not part of the case. */
  readonly timestamp: string | null;
  readonly context?: { readonly batch?: boolean; readonly serviceTier?: string };
  readonly expected: { readonly totalUsd: number | null; readonly ratioToStandard?: number };
}

/** Amounts on record are rounded: some to a millionth of a dollar, most to nine digits. */
const TOLERANCE = 1e-9;

/**
 * @param disputed Rows whose price our book disputes, with the reason: such disagreements are counted, and named, apart.
 */
export function scorePrices(cases: readonly PriceCase[], disputed: ReadonlyMap<string, string>): Score {
  const pricer = createPricer();
  const apart: Outcome[] = [];
  const rows: (string | undefined)[] = [];
  const outcomes = cases.map((item): Outcome => {
    const { additional = [], ...report } = reportOf(item);
    const at = item.timestamp === null ? Date.now() : Date.parse(item.timestamp);
    const request = { provider: item.provider, requestModel: item.model, report, at };
    const cost = pricer.price(request);
    if (additional.length > 0) {
      // The amount on record is that of the totals: what the body bills beside them is shown, not compared.
      const all = pricer.price({ ...request, report: { ...report, additional } });
      const note = `${item.id} ${item.provider}/${item.model}: ${all.usd ?? all.status} with what is billed beside its totals`;
      apart.push({ group: '', agrees: true, apart: true, note });
    }
    rows.push(cost.rowId);
    const dispute = disputed.get(cost.rowId ?? '');
    const note = describe(item, cost, report) + (dispute === undefined ? '' : `; disputed: ${dispute}`);
    return { group: `${item.kind} ${item.provider}`, agrees: agreesWith(item, cost, pricer, request), note };
  });
  const isDisputed = (index: number): boolean => disputed.has(rows[index] ?? '');
  const summary = (name: string, of: (index: number) => boolean): string => {
    const own = outcomes.filter((_, index) => of(index));
    const agree = own.filter(({ agrees }) => agrees).length;
    return `${name.padEnd(56)} ${agree}/${own.length} ${((100 * agree) / own.length).toFixed(2)}%`;
  };
  const kinds = [...new Set(cases.map((item) => item.kind))].sort();
  const others = (index: number): boolean => cases[index]?.kind !== 'provider-billed';
  const score = tally([...outcomes, ...apart]);
  return {
    ...score,
    lines: [
      ...kinds.map((kind) => summary(kind, (index) => cases[index]?.kind === kind)),
      summary('all but provider-billed', others),
      summary(
        'all but provider-billed, without rows of disputed price',
        (index) => others(index) && !isDisputed(index),
      ),
      '',
      ...score.lines,
    ],
  };
}

function agreesWith(item: PriceCase, cost: Cost, pricer: Pricer, request: PriceRequest): boolean {
  const { totalUsd, ratioToStandard = 1 } = item.expected;
  if (totalUsd !== null) {
    // An amount that nobody billed is the list price, which is kept beside the provider's own.
    const list = item.kind === 'provider-billed' ? undefined : cost.listUsd;
    return [cost.usd, list].some((usd) => usd !== undefined && close(usd, totalUsd));
  }
  const standard = pricer.price({ ...request, report: request.report && { ...request.report, context: {} } });
  return cost.usd !== undefined && standard.usd !== undefined && close(cost.usd, standard.usd * ratioToStandard);
}

function close(a: number, b: number): boolean {
  return Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(b));
}

/** The body where there is one: then the reading of usage is scored, too. */
function reportOf(item: PriceCase): UsageReport {
  const context = { ...item.context };
  const seller = sellerOfName(item.provider);
  const provider = seller?.provider ?? item.provider;
  const read = item.raw === undefined ? undefined : extractUsage({ provider, api: apiOf(item), body: item.raw });
  if (read !== undefined) return { ...read, context: { ...read.context, ...context } };
  return { usage: usageOf(item.usage), context, flags: [] };
}

function apiOf({ apiFlavor, provider, raw }: PriceCase): UsageApi {
  if (apiFlavor === 'responses' || apiFlavor === 'embeddings' || apiFlavor === 'chat') return apiFlavor;
  const body = raw as { usageMetadata?: unknown; usage_metadata?: unknown };
  if (apiFlavor === 'anthropic' || provider === 'anthropic') return 'messages';
  if (body.usageMetadata !== undefined || body.usage_metadata !== undefined) return 'generate_content';
  return provider === 'bedrock' ? 'converse' : 'chat';
}

const NAMES: Readonly<Record<string, keyof Usage>> = {
  inputTokens: 'input',
  outputTokens: 'output',
  cacheReadTokens: 'cacheRead',
  cacheWriteTokens: 'cacheWrite',
  cacheWrite5mTokens: 'cacheWrite5m',
  cacheWrite1hTokens: 'cacheWrite1h',
  reasoningTokens: 'reasoning',
  inputImageTokens: 'imageInput',
  inputAudioTokens: 'audioInput',
  inputVideoTokens: 'videoInput',
  outputImageTokens: 'imageOutput',
  outputAudioTokens: 'audioOutput',
  outputVideoTokens: 'videoOutput',
  output_video_tokens: 'videoOutput',
  cacheReadImageTokens: 'imageCacheRead',
  cacheReadAudioTokens: 'audioCacheRead',
  citationTokens: 'citation',
  output_citation_tokens: 'citation',
  webSearches: 'webSearches',
  audioSeconds: 'inputAudioSeconds',
};

/** Text and tool tokens are what the other fields leave; writes with a life of their own are part of all writes. */
const DERIVED = new Set([
  'inputTextTokens',
  'outputTextTokens',
  'cacheReadTextTokens',
  'inputToolTokens',
  'inputTextToolTokens',
  'cacheReadVideoTokens',
]);

function usageOf(fields: Readonly<Record<string, number>>): Usage {
  const usage: Partial<Record<keyof Usage, number>> = {};
  for (const [field, value] of Object.entries(fields)) {
    const name = NAMES[field];
    if (name !== undefined) usage[name] = value;
    else if (!DERIVED.has(field)) throw new Error(`unknown usage field ${field}`);
  }
  const lives = (usage.cacheWrite5m ?? 0) + (usage.cacheWrite1h ?? 0);
  if (usage.cacheWrite !== undefined && lives > 0) usage.cacheWrite = Math.max(0, usage.cacheWrite - lives);
  // genai-prices counts these inside of the output; ours are outside, as on the wire.
  const { output_citation_tokens: inside = 0 } = fields;
  if (usage.output !== undefined) usage.output = Math.max(0, usage.output - inside);
  return usage;
}

function describe(item: PriceCase, cost: Cost, report: UsageReport): string {
  const used = METERS.flatMap(({ name }) => (report.usage[name] ? [`${name} ${report.usage[name]}`] : []));
  return [
    `${item.id} ${item.kind} ${item.provider}/${item.model}: expected ${item.expected.totalUsd}, priced ${cost.usd ?? cost.status}`,
    `by ${cost.rowId ?? 'no row'} (${[cost.match, cost.source, cost.tier, cost.variant, ...cost.flags].filter(Boolean).join(' ')}); ${used.join(', ')}`,
  ].join(' ');
}
