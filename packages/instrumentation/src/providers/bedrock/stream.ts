/** Events of Bedrock's streams -> state. */
import { extractUsage, type UsageReport } from '@tokenmeter/pricing';
import { countCharacters } from '../../call/estimate.ts';
import type { Endpoint, StreamReader } from '../../call/facts.ts';
import { messageReader } from '../anthropic/stream.ts';
import { type Bag, bag, lengthOf, list, text } from '../read.ts';
import { parseBody } from './body.ts';
import { reasonOf } from './response.ts';
import type { ConverseEvent } from './types.ts';

/** ConverseStream: the last event has the usage. */
export function converseReader({ provider }: Endpoint): StreamReader {
  let reason: string | undefined;
  let report: UsageReport | undefined;
  let outputCharacters = 0;
  return {
    read(value) {
      const event = bag(value) as ConverseEvent | undefined;
      outputCharacters += deltaLength(event);
      reason = text(event?.messageStop?.stopReason) ?? reason;
      if (event?.metadata !== undefined) report = extractUsage({ provider, api: 'converse', body: event });
    },
    facts: () => ({ finishReasons: reason === undefined ? undefined : [reason], report, outputCharacters }),
  };
}

function deltaLength(event: ConverseEvent | undefined): number {
  const delta = event?.contentBlockDelta?.delta;
  return lengthOf(delta?.text) + lengthOf(delta?.reasoningContent?.text) + lengthOf(delta?.toolUse?.input);
}

/** Bedrock's own count, on the last chunk of any model. */
const METRICS = 'amazon-bedrock-invocationMetrics';

/**
 * InvokeModelWithResponseStream: chunks as the maker has them. Anthropic's say more of their usage than Bedrock's count
 * does; for the others the last word is whatever counts last.
 */
export function invokeReader(endpoint: Endpoint): StreamReader {
  const { provider } = endpoint;
  const anthropic = messageReader(endpoint);
  let isAnthropic = false;
  let reason: string | undefined;
  let report: UsageReport | undefined;
  let outputCharacters = 0;
  return {
    read(value) {
      const chunk = parseBody(bag(bag(value)?.chunk)?.bytes);
      if (!chunk) return;
      if (chunk.type === 'message_start') isAnthropic = true;
      if (isAnthropic) return anthropic.read(chunk);
      outputCharacters += chunkLength(chunk);
      reason = reasonOf(chunk) ?? text(bag(chunk.messageStop)?.stopReason) ?? reason;
      report = counted(provider, chunk) ?? report;
    },
    facts: () =>
      isAnthropic
        ? anthropic.facts()
        : { finishReasons: reason === undefined ? undefined : [reason], report, outputCharacters },
  };
}

/** Nova counts by an event of its own, which says more of caches than the metrics do. */
function counted(provider: string, chunk: Bag): UsageReport | undefined {
  const nova = bag(chunk.metadata)?.usage;
  if (nova !== undefined) return extractUsage({ provider, api: 'converse', body: { usage: nova } });
  return METRICS in chunk ? extractUsage({ provider, api: 'invoke_model', body: chunk }) : undefined;
}

/** Mistral's models stream messages, each with its role. */
function saidIn(choice: unknown): Bag {
  const { delta, message = delta } = bag(choice) ?? {};
  const { role: _, ...said } = bag(message) ?? {};
  return said;
}

function chunkLength(chunk: Bag): number {
  const choices = list(chunk.choices).map(saidIn);
  const outputs = list(chunk.outputs).map((output) => bag(output)?.text);
  return (
    deltaLength(chunk as ConverseEvent) +
    lengthOf(chunk.generation) +
    lengthOf(chunk.outputText) +
    lengthOf(chunk.text) +
    countCharacters(choices) +
    countCharacters(outputs)
  );
}
