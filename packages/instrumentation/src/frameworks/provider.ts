/** Names that frameworks give to providers -> `gen_ai.provider.name`. */
import { PROVIDER } from '@tokenmeter/semconv';

const NAMES: Readonly<Record<string, string>> = {
  azure: PROVIDER.azureOpenai,
  'azure-openai': PROVIDER.azureOpenai,
  amazon_bedrock: PROVIDER.bedrock,
  'amazon-bedrock': PROVIDER.bedrock,
  bedrock: PROVIDER.bedrock,
  google: PROVIDER.gemini,
  google_genai: PROVIDER.gemini,
  googlegenerativeai: PROVIDER.gemini,
  google_vertexai: PROVIDER.vertex,
  vertex: PROVIDER.vertex,
  mistral: PROVIDER.mistral,
  mistralai: PROVIDER.mistral,
  xai: PROVIDER.xai,
  moonshot: PROVIDER.moonshot,
  moonshotai: PROVIDER.moonshot,
  watsonx: PROVIDER.watsonx,
  together: PROVIDER.together,
  togetherai: PROVIDER.together,
  fireworks: PROVIDER.fireworks,
};

/** A name that is in no table is the provider's own, in lower case. */
export function providerNamed(name: string): string {
  const known = name.toLowerCase();
  return Object.hasOwn(NAMES, known) ? (NAMES[known] as string) : known;
}
