/**
 * An agent in front of a gateway, each with its generated configuration. Only `load_balancing` is not in the collector that
 * is built here: the agent sends its spans to the one gateway.
 */
import { DEFAULT_MODEL, generateFiles } from '@tokenmeter/monitoring';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Collector, type Scenario, startCollector, toFiles } from '../lib/collector.ts';
import { spansByName, traces } from '../lib/otlp.ts';
import { eventually } from '../lib/process.ts';

const SECRET = 'the planted prompt';

let gateway: Collector;
let agent: Collector;
beforeAll(async () => {
  gateway = await startCollector({ config: (folder) => withoutStripping(toFiles(folder)) });
  const base = parse(generateFiles(DEFAULT_MODEL).get('deploy/kubernetes/agent-config.yaml') as string) as AgentConfig;
  delete base.exporters['load_balancing/gateways'];
  agent = await startCollector({ base, config: toGateway });
});
afterAll(async () => {
  for (const collector of [agent, gateway]) {
    await collector?.stop();
    collector?.remove();
  }
});

interface AgentConfig {
  readonly exporters: Record<string, unknown>;
}

/** What the gateway gets is then what the agent let through. */
function withoutStripping(config: Scenario): object {
  const traces = { processors: ['memory_limiter', 'batch', 'transform/price'] };
  return { ...config, service: { pipelines: { ...config.service.pipelines, 'traces/in': traces } } };
}

function toGateway(): object {
  return {
    exporters: {
      'otlp_grpc/gateway': {
        endpoint: `127.0.0.1:${gateway.ports.grpc}`,
        sending_queue: { batch: { flush_timeout: '100ms' } },
      },
    },
    service: { pipelines: { traces: { exporters: ['otlp_grpc/gateway'] } } },
  };
}

test('content stays on the node, and the gateway prices what arrives', async () => {
  const attributes = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4o',
    'gen_ai.usage.input_tokens': 400_000,
    'gen_ai.input.messages': SECRET,
  };
  await agent.send('traces', traces([{ name: 'through the agent', attributes }]));
  const span = await eventually(() => spansByName(gateway.lines('traces.jsonl')).get('through the agent'));
  // 400,000 tokens at 2.5 USD per million.
  expect(span['tokenmeter.cost.usd']).toBe(1);
  expect(JSON.stringify(gateway.lines('traces.jsonl'))).not.toContain(SECRET);
});
