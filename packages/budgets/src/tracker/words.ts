/** What the tracker says. Pure. */
import { formatUsd } from '@tokenmeter/pricing';
import { quoted } from '../alerts/messages/log.ts';
import { escaped } from '../alerts/messages/slack.ts';
import type { TrackedRecord } from './types.ts';

/** Exact amounts, pico-USD. */
export interface Amounts {
  readonly cost: bigint | undefined;
  readonly threshold: bigint;
}

export function alertLine({ endpoint, model, inputTokens, outputTokens }: TrackedRecord, { cost }: Amounts): string {
  return (
    `BUDGET ALERT | endpoint=${quoted(endpoint)} model=${quoted(model)} cost=${usd(cost)} ` +
    `tokens_in=${inputTokens ?? 'unknown'} tokens_out=${outputTokens ?? 'unknown'}`
  );
}

export function callLine({ endpoint, model }: TrackedRecord, { cost }: Amounts): string {
  return `Recording call: endpoint=${quoted(endpoint)} model=${quoted(model)} cost=${usd(cost)}`;
}

/** @param more calls over the threshold that the message stands for beside this, the dearest one */
export function slackText(record: TrackedRecord, { cost, threshold }: Amounts, more: number): string {
  const { endpoint, model, inputTokens, outputTokens } = record;
  const lines = [
    `:rotating_light: *LLM budget alert*${more > 0 ? `: ${more + 1} more calls, the dearest of them` : ''}`,
    `*Endpoint:* ${escaped(endpoint)}`,
    `*Model:* ${escaped(model)}`,
    `*Cost:* ${usd(cost)} (threshold ${usd(threshold)} per call)`,
    `*Tokens:* ${inputTokens ?? 'unknown'} in / ${outputTokens ?? 'unknown'} out`,
    `*At:* ${record.timestamp.toISOString()}`,
  ];
  return lines.join('\n');
}

function usd(pico: bigint | undefined): string {
  return pico === undefined ? 'unknown' : `$${formatUsd(pico, 4)}`;
}
