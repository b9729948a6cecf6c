/**
 * Who sends the bill. The host of the endpoint decides; the name that an SDK or a span gives is asked second, because
 * the OpenAI SDK is pointed at a dozen other sellers.
 */

import type { PriceContext } from './types.ts';

export interface Seller {
  readonly id: string;
  /** `gen_ai.provider.name`. */
  readonly provider: string;
  /** Other names that SDKs, frameworks and gateways use, lower case. */
  readonly names?: readonly string[];
  /** Host suffixes, whole labels only; `*` stands for any characters within one label. */
  readonly hosts: readonly string[];
  /** The id asked for says more than the one that comes back (region in a Bedrock id). */
  readonly requestFirst?: boolean;
  /** Sellers with the same price list: their rows are this one's. */
  readonly shares?: readonly string[];
  /** Sellers whose rows apply, as an estimate, where this one has none for a model. */
  readonly fallback?: readonly string[];
}

/** One row per seller. A seller without rows in the price book is here so that its calls are unpriced, not mispriced. */
export const SELLERS: readonly Seller[] = [
  { id: 'openai', provider: 'openai', names: ['openai.chat', 'openai.responses'], hosts: ['api.openai.com'] },
  {
    id: 'azure',
    provider: 'azure.ai.openai',
    names: ['azure', 'azure_openai', 'azure-openai', 'azure.openai', 'az.ai.openai', 'azure_ai'],
    hosts: ['openai.azure.com', 'cognitiveservices.azure.com', 'openai.azure.us'],
    fallback: ['openai'],
  },
  {
    id: 'azure',
    provider: 'azure.ai.inference',
    names: ['az.ai.inference'],
    hosts: ['services.ai.azure.com', 'models.ai.azure.com', 'inference.ai.azure.com'],
    fallback: ['openai'],
  },
  {
    id: 'anthropic',
    provider: 'anthropic',
    names: ['anthropic.messages', 'claude'],
    hosts: ['api.anthropic.com'],
  },
  {
    id: 'bedrock',
    provider: 'aws.bedrock',
    names: ['bedrock', 'amazon-bedrock', 'amazon_bedrock', 'aws', 'aws_bedrock', 'bedrock_converse'],
    hosts: [
      'bedrock-runtime.*.amazonaws.com',
      'bedrock-runtime-fips.*.amazonaws.com',
      'bedrock-runtime.*.api.aws',
      'bedrock-mantle.*.api.aws',
      'bedrock-runtime.*.vpce.amazonaws.com',
    ],
    requestFirst: true,
  },
  {
    id: 'google',
    provider: 'gcp.gemini',
    names: ['gemini', 'google', 'google-gla', 'google-genai', 'google_genai', 'gcp.gen_ai', 'google_ai_studio'],
    hosts: ['generativelanguage.googleapis.com'],
    // A span that says `google` may come from either of Google's APIs; Claude is sold on Vertex only.
    shares: ['vertex'],
  },
  {
    id: 'vertex',
    provider: 'gcp.vertex_ai',
    names: [
      'vertex_ai',
      'vertexai',
      'vertex',
      'google-vertex',
      'google_vertexai',
      'google.vertex',
      'google-vertex-search',
      'gcp.vertex.agent',
      'vertex_ai_beta',
    ],
    hosts: ['aiplatform.googleapis.com', '*-aiplatform.googleapis.com', 'aiplatform.*.rep.googleapis.com'],
    shares: ['google'],
  },
  { id: 'mistral', provider: 'mistral_ai', names: ['mistral', 'mistralai', 'codestral'], hosts: ['mistral.ai'] },
  { id: 'groq', provider: 'groq', hosts: ['api.groq.com'] },
  { id: 'deepseek', provider: 'deepseek', hosts: ['api.deepseek.com'] },
  { id: 'xai', provider: 'x_ai', names: ['xai', 'x-ai', 'x.ai', 'grok'], hosts: ['api.x.ai'] },
  { id: 'cohere', provider: 'cohere', names: ['cohere_chat', 'cohereai'], hosts: ['api.cohere.com', 'api.cohere.ai'] },
  { id: 'perplexity', provider: 'perplexity', names: ['pplx', 'perplexityai'], hosts: ['api.perplexity.ai'] },
  { id: 'openrouter', provider: 'openrouter', names: ['open_router'], hosts: ['openrouter.ai'] },
  {
    id: 'together',
    provider: 'together_ai',
    names: ['together', 'together-ai', 'togetherai'],
    hosts: ['api.together.xyz', 'api.together.ai'],
  },
  {
    id: 'fireworks',
    provider: 'fireworks_ai',
    names: ['fireworks', 'fireworks-ai'],
    hosts: ['api.fireworks.ai'],
  },
  { id: 'cerebras', provider: 'cerebras', hosts: ['api.cerebras.ai'] },
  {
    id: 'moonshot',
    provider: 'moonshot_ai',
    names: ['moonshot', 'moonshotai', 'kimi'],
    hosts: ['api.moonshot.ai', 'api.moonshot.cn'],
  },
  { id: 'minimax', provider: 'minimax', hosts: ['api.minimax.io', 'api.minimaxi.com', 'api.minimaxi.chat'] },
  { id: 'zai', provider: 'z_ai', names: ['zai', 'z-ai', 'z.ai'], hosts: ['api.z.ai'] },
  { id: 'zhipuai', provider: 'zhipuai', names: ['zhipu', 'bigmodel'], hosts: ['open.bigmodel.cn'] },
  { id: 'voyageai', provider: 'voyageai', names: ['voyage', 'voyage_ai'], hosts: ['api.voyageai.com'] },
  { id: 'arcee', provider: 'arcee', hosts: ['api.arcee.ai'] },
  { id: 'avian', provider: 'avian', hosts: ['api.avian.io'] },
  { id: 'baseten', provider: 'baseten', hosts: ['inference.baseten.co'] },
  { id: 'cloudflare', provider: 'cloudflare', names: ['workers-ai'], hosts: ['api.cloudflare.com'] },
  { id: 'doubleword', provider: 'doubleword', hosts: ['api.doubleword.ai'] },
  { id: 'modal', provider: 'modal', hosts: ['modal.run', 'modal.direct'] },
  { id: 'novita', provider: 'novita', hosts: ['api.novita.ai'] },
  { id: 'ovhcloud', provider: 'ovhcloud', names: ['ovh'], hosts: ['endpoints.kepler.ai.cloud.ovh.net'] },
  { id: 'quicksilverpro', provider: 'quicksilverpro', hosts: ['api.quicksilverpro.io'] },
  { id: 'typesafe', provider: 'typesafe', hosts: ['api.typesafe.ai'] },
  { id: 'huggingface', provider: 'huggingface', names: ['hf', 'hugging_face'], hosts: ['huggingface.co'] },
  { id: 'deepinfra', provider: 'deepinfra', hosts: ['api.deepinfra.com'] },
  { id: 'nebius', provider: 'nebius', hosts: ['nebius.com', 'nebius.ai'] },
  { id: 'sambanova', provider: 'sambanova', hosts: ['api.sambanova.ai'] },
  { id: 'hyperbolic', provider: 'hyperbolic', hosts: ['api.hyperbolic.xyz'] },
  { id: 'nvidia', provider: 'nvidia', names: ['nvidia_nim', 'nim'], hosts: ['integrate.api.nvidia.com'] },
  { id: 'siliconflow', provider: 'siliconflow', hosts: ['api.siliconflow.com', 'api.siliconflow.cn'] },
  { id: 'dashscope', provider: 'dashscope', names: ['alibaba', 'qwen'], hosts: ['dashscope*.aliyuncs.com'] },
  { id: 'github-models', provider: 'github', names: ['github_models'], hosts: ['models.github.ai'] },
  { id: 'github-copilot', provider: 'github_copilot', names: ['copilot'], hosts: ['githubcopilot.com'] },
  { id: 'vercel', provider: 'vercel', names: ['vercel_ai_gateway'], hosts: ['ai-gateway.vercel.sh'] },
  { id: 'watsonx', provider: 'ibm.watsonx.ai', names: ['watsonx'], hosts: ['*.ml.cloud.ibm.com'] },
  { id: 'ollama-cloud', provider: 'ollama_cloud', hosts: ['ollama.com'] },
  {
    id: 'local',
    provider: 'ollama',
    names: ['vllm', 'llamacpp', 'llama.cpp', 'llama_cpp', 'lmstudio', 'lm_studio', 'localai', 'tgi', 'mlx'],
    hosts: [],
  },
];

/** Runtimes of one's own machine: free where the host is one's own, too. */
export const LOCAL_SELLER = 'local';

interface Index {
  readonly byName: ReadonlyMap<string, Seller>;
  /** Host suffixes without a `*`. */
  readonly byHost: ReadonlyMap<string, Seller>;
  readonly patterns: readonly { readonly host: RegExp; readonly seller: Seller }[];
}

let index: Index | undefined;

/** Made at the first look-up, so that it costs an importer nothing. First wins: `azure` is Azure OpenAI. */
function makeIndex(): Index {
  const byName = new Map<string, Seller>();
  const byHost = new Map<string, Seller>();
  const patterns: { host: RegExp; seller: Seller }[] = [];
  for (const seller of SELLERS) {
    for (const name of [seller.id, seller.provider, ...(seller.names ?? [])]) {
      if (!byName.has(name)) byName.set(name, seller);
    }
    for (const host of seller.hosts) {
      if (!host.includes('*')) byHost.set(host, seller);
      else patterns.push({ host: patternOf(host), seller });
    }
  }
  return { byName, byHost, patterns };
}

function patternOf(host: string): RegExp {
  return new RegExp(`(?:^|\\.)${host.replaceAll('.', '\\.').replaceAll('*', '[^.]*')}$`);
}

/** Longer ones are no host names (RFC 1035). */
const MAX_HOST = 253;

/** The seller of a host name (port and case do not matter), `undefined` for a host that is nobody's we know. */
export function sellerOfHost(host: string): Seller | undefined {
  index ??= makeIndex();
  const name = bareHost(host);
  if (name.length > MAX_HOST) return undefined;
  for (let start = 0; ; ) {
    const seller = index.byHost.get(name.slice(start));
    if (seller !== undefined) return seller;
    const dot = name.indexOf('.', start);
    if (dot < 0) break;
    start = dot + 1;
  }
  return index.patterns.find((pattern) => pattern.host.test(name))?.seller;
}

/** The seller of a provider's or SDK's name, `undefined` for an unknown one. */
export function sellerOfName(name: string): Seller | undefined {
  index ??= makeIndex();
  return index.byName.get(name) ?? index.byName.get(name.trim().toLowerCase());
}

/**
 * OTel `gen_ai.provider.name` of an endpoint's host, e.g. `api.groq.com` is `groq`, `x.openai.azure.com` is
 * `azure.ai.openai`. `undefined` for a host that is nobody's we know (a gateway, localhost): the SDK's name counts then.
 */
export function providerOfHost(host: string): string | undefined {
  return typeof host === 'string' ? sellerOfHost(host)?.provider : undefined;
}

/** What the host says about where a call was served, for the sellers that charge by it. */
export function placeOfHost(host: string): PriceContext | undefined {
  const name = bareHost(host);
  const residency = /^(us|eu)\.api\.openai\.com$/.exec(name);
  if (residency !== null) return { geo: residency[1] };
  const region = /^(?:([a-z0-9-]+)-aiplatform|aiplatform\.([a-z0-9-]+)\.rep)\.googleapis\.com$/.exec(name);
  return region === null ? undefined : { region: region[1] ?? region[2] };
}

/** Loopback, link-local, private and single-label names: a machine of one's own or of one's own network. */
export function isPrivateHost(host: string): boolean {
  const name = bareHost(host);
  if (name === 'localhost' || name === '::1' || /\.(?:localhost|local|internal|lan|home\.arpa)$/.test(name))
    return true;
  if (/^f[cd][0-9a-f]{2}:|^fe80:/.test(name)) return true;
  const ip = /^(\d{1,3})\.(\d{1,3})\.\d{1,3}\.\d{1,3}$/.exec(name);
  if (ip === null) return name !== '' && !name.includes('.') && !name.includes(':');
  const [a, b] = [Number(ip[1]), Number(ip[2])];
  return (
    a === 127 ||
    a === 10 ||
    a === 0 ||
    (a === 192 && b === 168) ||
    (a === 172 && b >= 16 && b <= 31) ||
    (a === 169 && b === 254)
  );
}

function bareHost(host: string): string {
  const name = host.trim().toLowerCase().replace(/\.$/, '');
  if (name.startsWith('[')) return name.slice(1, name.indexOf(']') < 0 ? undefined : name.indexOf(']'));
  return name.replace(/:\d+$/, name.indexOf(':') === name.lastIndexOf(':') ? '' : '$&');
}
