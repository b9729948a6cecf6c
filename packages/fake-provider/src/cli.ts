#!/usr/bin/env node
/** `tokenmeter-fake-provider`: starts a fake provider, prints its addresses as one line of JSON, and runs until a signal. */
import { parseArgs } from 'node:util';
import { type FakeProviderOptions, startFakeProvider } from './server.ts';

const HELP = `Usage: tokenmeter-fake-provider [options]

An HTTP server that answers as the OpenAI, Anthropic and Gemini APIs do. It prints its addresses as one line of JSON.

  --host <address>              default 127.0.0.1
  --port <number>               default 0: any free port
  --seed <number>               changes all numbers, ids and texts; default 1
  --latency <ms>                before the headers of each answer; default 0
  --chunk-delay <ms>            between the events of a stream; default 0
  --fault-rate <fault>=<rate>   e.g. --fault-rate 429=0.05 --fault-rate 'disconnect; after=2'=0.01; may be repeated
  --help
`;

/** Reads the command line. Throws an Error that says what is wrong with it. */
function readOptions(): FakeProviderOptions | 'help' {
  const { values } = parseArgs({
    options: {
      host: { type: 'string' },
      port: { type: 'string' },
      seed: { type: 'string' },
      latency: { type: 'string' },
      'chunk-delay': { type: 'string' },
      'fault-rate': { type: 'string', multiple: true },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return 'help';
  return {
    host: values.host,
    port: amount('--port', values.port, 65_535),
    seed: amount('--seed', values.seed),
    latencyMs: amount('--latency', values.latency),
    chunkDelayMs: amount('--chunk-delay', values['chunk-delay']),
    faultRates: Object.fromEntries((values['fault-rate'] ?? []).map(faultRate)),
  };
}

function amount(name: string, value: string | undefined, most = Number.MAX_SAFE_INTEGER): number | undefined {
  if (value === undefined) return undefined;
  const result = Number(value);
  if (value === '' || !(result >= 0 && result <= most))
    throw new Error(`${name} ${value}: not a number from 0 to ${most}`);
  return result;
}

function faultRate(value: string): [string, number] {
  const cut = value.lastIndexOf('=');
  const rate = amount('--fault-rate', cut < 0 ? '' : value.slice(cut + 1), 1) ?? 0;
  return [value.slice(0, cut), rate];
}

async function main(): Promise<void> {
  const options = readOptions();
  if (options === 'help') {
    process.stdout.write(HELP);
    return;
  }
  const server = await startFakeProvider(options);
  const { url, port, openaiBaseUrl, anthropicBaseUrl, geminiBaseUrl } = server;
  process.stdout.write(`${JSON.stringify({ url, port, openaiBaseUrl, anthropicBaseUrl, geminiBaseUrl })}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.close());
}

main().catch((error: unknown) => {
  process.stderr.write(
    `tokenmeter-fake-provider: ${error instanceof Error ? error.message : String(error)}\n\n${HELP}`,
  );
  process.exitCode = 2;
});
