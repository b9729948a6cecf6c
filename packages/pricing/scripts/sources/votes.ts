/** `ai-sdk-cost-calculator`: a vote in the report of disagreements, never a price. */
import { allPricing } from 'ai-sdk-cost-calculator';

export const VOTE_ORIGIN = 'ai-sdk-cost-calculator@7.1.14';

const PROVIDERS: Readonly<Record<string, string>> = {
  moonshot: 'moonshotai',
  zai: 'z-ai',
  zhipuai: 'zhipu',
};

/** USD per 1M of an id at a seller; `undefined` when it has none. */
export function voteOn(seller: string, id: string): { input: number; output: number; cacheRead?: number } | undefined {
  const entry = allPricing[PROVIDERS[seller] ?? seller]?.[id];
  if (entry === undefined || entry.inputPer1MTokens === 0) return undefined;
  return { input: entry.inputPer1MTokens, output: entry.outputPer1MTokens, cacheRead: entry.cacheReadPer1MTokens };
}
