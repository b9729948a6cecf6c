/**
 * `@earendil-works/pi-ai`: the freshest figures on npm. It cannot be installed (a dependency of it is not published), so
 * `npm pack` gets the tarball into an ignored cache; its integrity is pinned here and each data file's in its manifest.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EncodedTier } from '../../src/book/encoded.ts';
import { failOn, type SourceRow } from '../rows.ts';

const VERSION = '1.5.2';
const INTEGRITY = 'sha512-2tWPSnV3qzfiDIY3aWluBag3vC++Vs+VsXt/UquSU5onPMohPih72FUhIhaqmDdMYubOgB3Byl9uF4Vk40JLvQ==';
export const PI_ORIGIN = `pi-ai@${VERSION}`;

/** Its data file -> our seller. Subscriptions, plans and gateways of others are left out. */
const SELLERS: Readonly<Record<string, string>> = {
  'amazon-bedrock': 'bedrock',
  anthropic: 'anthropic',
  azure: 'azure',
  baseten: 'baseten',
  cerebras: 'cerebras',
  'cloudflare-workers-ai': 'cloudflare',
  deepseek: 'deepseek',
  fireworks: 'fireworks',
  google: 'google',
  'google-vertex': 'vertex',
  groq: 'groq',
  minimax: 'minimax',
  mistral: 'mistral',
  moonshotai: 'moonshot',
  openai: 'openai',
  openrouter: 'openrouter',
  together: 'together',
  xai: 'xai',
  zai: 'zai',
};

interface PiCost {
  readonly input?: number;
  readonly output?: number;
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
  readonly tiers?: readonly (PiCost & { readonly inputTokensAbove: number })[];
}

const COST_KEYS = new Set(['input', 'output', 'cacheRead', 'cacheWrite', 'tiers', 'inputTokensAbove']);

interface PiModel {
  readonly id: string;
  readonly cost?: PiCost;
  /** The most output tokens of an answer. */
  readonly maxTokens?: number;
}

/** Its rows of type chat. 0 is "not known" there: a row without input and output price is left out. */
export function piRows(cache: string): SourceRow[] {
  const problems: string[] = [];
  const rows: SourceRow[] = [];
  for (const [seller, { id, cost }] of piModels(cache, problems)) {
    if (!cost?.input || cost.output === undefined) continue;
    // Gemini costs the same on both of Google's APIs, and the Gemini API's rows know more meters.
    const shared = seller === 'vertex' && id.startsWith('gemini') ? 'google' : seller;
    rows.push(row(shared, id, cost, problems));
  }
  failOn(problems, PI_ORIGIN);
  return rows;
}

/** The most output tokens of each of its models, by seller. */
export function piOutputs(cache: string): [seller: string, id: string, tokens: number][] {
  const problems: string[] = [];
  const outputs = [...piModels(cache, problems)].flatMap(([seller, { id, maxTokens }]) =>
    maxTokens ? [[seller, id, maxTokens] satisfies [string, string, number]] : [],
  );
  failOn(problems, PI_ORIGIN);
  return outputs;
}

/** Its models of type chat, each with our seller. */
function* piModels(cache: string, problems: string[]): Generator<[seller: string, model: PiModel]> {
  const directory = unpack(cache);
  const manifest = JSON.parse(readFileSync(join(directory, '.manifest.json'), 'utf8')) as {
    files: Record<string, string>;
  };
  for (const [file, seller] of Object.entries(SELLERS)) {
    const content = readFileSync(join(directory, `${file}.json`));
    if (sha256(content) !== manifest.files[`${file}.json`]) problems.push(`${file}.json is not what its manifest says`);
    const apis = JSON.parse(content.toString('utf8')) as Record<string, Record<string, PiModel>>;
    for (const [key, model] of Object.values(apis).flatMap((models) => Object.entries(models))) {
      if (key.startsWith('chat:')) yield [seller, model];
    }
  }
}

function row(seller: string, id: string, cost: PiCost, problems: string[]): SourceRow {
  for (const key of Object.keys(cost)) if (!COST_KEYS.has(key)) problems.push(`${seller}/${id}: unknown price ${key}`);
  const tiers = (cost.tiers ?? []).map((tier): EncodedTier => {
    for (const key of Object.keys(tier))
      if (!COST_KEYS.has(key)) problems.push(`${seller}/${id}: unknown price ${key}`);
    const bound = tier.inputTokensAbove;
    const rates = known(tier);
    if (bound === 271_999) return [272_000, 2, rates];
    return bound % 1000 === 999 ? [bound + 1, 1, rates] : [bound, 0, rates];
  });
  return {
    seller,
    model: id,
    ids: new Map(),
    snapshots: false,
    periods: [{ rates: known(cost), tiers: tiers.length > 0 ? tiers : undefined }],
    estimated: seller === 'openrouter',
    origin: PI_ORIGIN,
    source: PI_ORIGIN,
  };
}

function known({ input = 0, output = 0, cacheRead, cacheWrite }: PiCost): Record<string, number> {
  return { input, output, ...(cacheRead ? { cacheRead } : {}), ...(cacheWrite ? { cacheWrite } : {}) };
}

function unpack(cache: string): string {
  const tarball = join(cache, `earendil-works-pi-ai-${VERSION}.tgz`);
  mkdirSync(cache, { recursive: true });
  if (!existsSync(tarball)) {
    execFileSync('npm', ['pack', `@earendil-works/pi-ai@${VERSION}`, '--silent'], { cwd: cache, stdio: 'pipe' });
  }
  const integrity = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`;
  if (integrity !== INTEGRITY) throw new Error(`${tarball} has integrity ${integrity}, expected ${INTEGRITY}`);
  const data = 'package/dist/providers/data';
  execFileSync('tar', ['xzf', tarball, '-C', cache, data]);
  return join(cache, data);
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
