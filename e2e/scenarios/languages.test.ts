/** Spans of services without our SDK, priced and counted in the collector. */
import { DEFAULT_MODEL } from '@tokenmeter/monitoring';
import { describe, expect, test } from 'vitest';
import { startCollector } from '../lib/collector.ts';
import { traces } from '../lib/otlp.ts';
import { eventually } from '../lib/process.ts';
import { startPrometheus } from '../lib/prometheus.ts';

const MODEL = { ...DEFAULT_MODEL, evaluationSeconds: 1, features: { search: { team: 'search' } } };

/** As OpenTelemetry's instrumentation for Python writes them. gpt-4o costs 2.5 and 10 USD per million, 1.25 from the cache. */
const span = (
  feature: string,
  input: number,
  cached: number,
  output: number,
): { attributes: Record<string, string | number> } => ({
  attributes: {
    'gen_ai.operation.name': 'chat',
    'gen_ai.system': 'openai',
    'gen_ai.request.model': 'gpt-4o',
    'gen_ai.response.model': 'gpt-4o-2024-08-06',
    'gen_ai.usage.input_tokens': input,
    'gen_ai.usage.output_tokens': output,
    'gen_ai.usage.cache_read.input_tokens': cached,
    'tokenmeter.feature': feature,
  },
});
const costOf = (input: number, cached: number, output: number): number =>
  ((input - cached) * 2.5 + cached * 1.25 + output * 10) / 1e6;

describe.each(['prometheus2', 'prometheus3'] as const)('%s', (program) => {
  test('money, calls, tokens and savings by feature, with the labels of the contract', async () => {
    const collector = await startCollector({
      model: MODEL,
      config: () => ({ processors: { batch: { timeout: '100ms' } } }),
    });
    const prometheus = await startPrometheus({ program, model: MODEL, scrape: [collector.ports.prometheus] });
    try {
      const resource = { 'service.name': 'python-api', 'deployment.environment': 'production' };
      let own = 0;
      for (let round = 1; round <= 20; round += 1) {
        own += costOf(1000 * round, 400, 10 * round);
        const agent = {
          attributes: { ...span('search', 1000, 0, 10).attributes, 'gen_ai.operation.name': 'invoke_agent' },
        };
        const counted = { attributes: { ...span('search', 1000, 0, 10).attributes, 'tokenmeter.metered': true } };
        await collector.send(
          'traces',
          traces([span('search', 1000 * round, 400, 10 * round), agent, counted], resource),
        );
      }
      await collector.send(
        'traces',
        traces(
          [
            {
              attributes: {
                ...span('search', 1, 0, 1).attributes,
                'gen_ai.request.model': 'gpt-0',
                'gen_ai.response.model': 'gpt-0',
              },
            },
          ],
          resource,
        ),
      );
      const spent = await eventually(async () => {
        const [one] = await prometheus.query('sum_over_time(tokenmeter:cost_usd:increase[5m])');
        return one && Math.abs(one.value - own) < 1e-9 ? one : undefined;
      });
      expect(spent.labels).toEqual({
        deployment_environment_name: 'production',
        gen_ai_operation_name: 'chat',
        gen_ai_provider_name: 'openai',
        gen_ai_request_model: 'gpt-4o',
        gen_ai_response_model: 'gpt-4o-2024-08-06',
        tokenmeter_cost_status: 'priced',
        tokenmeter_feature: 'search',
        tokenmeter_outcome: 'completed',
        tokenmeter_team: 'search',
      });
      const sum = (expr: string): Promise<number> => prometheus.number(`sum(sum_over_time(${expr}[5m]))`);
      await eventually(async () => (await sum('tokenmeter:calls:increase{tokenmeter_cost_status="unpriced"}')) === 1);
      expect(await sum('tokenmeter:calls:increase')).toBe(21);
      expect(await sum('tokenmeter:tokens:increase{tokenmeter_token_type="cache_read"}')).toBe(20 * 400);
      expect(await sum('tokenmeter:tokens:increase{tokenmeter_token_type="input"}')).toBe(1000 * 210 - 20 * 400 + 1);
      expect(await sum('tokenmeter:cache_savings_usd:increase')).toBeCloseTo((20 * 400 * 1.25) / 1e6, 12);
      expect(await prometheus.number('sum(tokenmeter_call_cost_usd_count)')).toBe(20);
      await eventually(
        async () =>
          (await prometheus.query('ALERTS{alertname="TokenmeterUnpricedCalls", alertstate="firing"}')).length === 1,
      );
    } finally {
      for (const program of [prometheus, collector]) {
        await program.stop();
        program.remove();
      }
    }
  });
});
