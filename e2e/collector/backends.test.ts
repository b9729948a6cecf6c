/** What docs/monitoring-backends.md says of collectors is taken by the collector, and the presets say what backends read. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_MODEL, generateFiles } from '@tokenmeter/monitoring';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { startHook } from '../lib/app.ts';
import { startCollector } from '../lib/collector.ts';
import { spansByName, traces } from '../lib/otlp.ts';
import { eventually } from '../lib/process.ts';
import { pathOf } from '../programs/table.ts';

const files = generateFiles(DEFAULT_MODEL);
const guide = readFileSync(new URL('../../docs/monitoring-backends.md', import.meta.url), 'utf8');
const inGuide = [...guide.matchAll(/^## (.+)$|```yaml\n([\s\S]*?)```/gm)].reduce<[string, string][]>(
  (found, [, title, block]) => {
    if (title !== undefined) found.push([title, '']);
    const last = found.at(-1);
    if (block !== undefined && last !== undefined) last[1] += block;
    return found;
  },
  [],
);
const presets = [...files].filter(([path]) => /^deploy\/collector-.+\.yaml$/.test(path));

/** Without the price table, which takes seconds to read and is none of a backend's business. */
const base = parse(files.get('collector-config.yaml') as string) as { processors: Record<string, object> };
base.processors['transform/price'] = { error_mode: 'ignore' };

test.each([...inGuide.filter(([, block]) => block !== ''), ...presets])('%s: the collector takes it', (_, config) => {
  const folder = mkdtempSync(join(tmpdir(), 'tokenmeter-guide-'));
  try {
    writeFileSync(join(folder, 'collector-config.yaml'), stringify(base));
    writeFileSync(join(folder, 'more.yaml'), config);
    const args = ['validate', '--config', 'collector-config.yaml', '--config', 'more.yaml'];
    const done = spawnSync(pathOf('otelcol'), args, { cwd: folder, encoding: 'utf8' });
    expect(done.stderr).not.toMatch(/error/i);
    expect(done.status).toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** A call that another language made, which the collector prices: a million tokens of gpt-4o at 2.5 USD. */
const SPAN = {
  name: 'call',
  attributes: {
    'gen_ai.operation.name': 'generate_content',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4o',
    'gen_ai.usage.input_tokens': 1_000_000,
    'gen_ai.usage.output_tokens': 0,
    'gen_ai.input.messages': 'a prompt',
    'gen_ai.conversation.id': 'c1',
    'user.id': 'u1',
    'tokenmeter.feature': 'chat',
    'tokenmeter.tenant': 'acme',
    'tokenmeter.attribution.plan': 'free',
  },
};

test('LangSmith and Langfuse read feature, tenant, cost and the app’s own keys, and no prompt', async () => {
  const hook = await startHook();
  const configs = presets.map(([, text]) => parse(text)).filter(({ receivers }) => receivers === undefined);
  const exporters = configs.flatMap((config) => Object.entries(config.exporters as Record<string, object>));
  const collector = await startCollector({
    config: () => ({
      exporters: Object.fromEntries(
        exporters.map(([name, exporter]) => [
          name,
          { ...exporter, encoding: 'json', compression: 'none', sending_queue: { enabled: false } },
        ]),
      ),
      processors: Object.assign({ batch: { timeout: '100ms' } }, ...configs.map((config) => config.processors)),
      service: { pipelines: Object.assign({}, ...configs.map((config) => config.service.pipelines)) },
    }),
    env: { LANGSMITH_OTLP_ENDPOINT: `${hook.url}/langsmith`, LANGFUSE_OTLP_ENDPOINT: `${hook.url}/langfuse` },
  });
  try {
    await collector.send('traces', traces([SPAN], { 'deployment.environment.name': 'production' }));
    const told = async (backend: string): Promise<Record<string, unknown>> => {
      const posts = await eventually(
        () => hook.posted(`/${backend}/v1/traces`).length > 0 && hook.posted(`/${backend}/v1/traces`),
      );
      return spansByName(posts).get('call') ?? {};
    };
    const [langsmith, langfuse] = [await told('langsmith'), await told('langfuse')];
    const metadata = {
      feature: 'chat',
      tenant: 'acme',
      plan: 'free',
      environment: 'production',
      cost_status: 'priced',
    };
    const under = (prefix: string): object =>
      Object.fromEntries(Object.entries(metadata).map(([key, value]) => [`${prefix}${key}`, value]));
    expect(langsmith).toMatchObject({
      ...under('langsmith.metadata.'),
      'langsmith.span.kind': 'llm',
      'langsmith.metadata.cost_usd': 2.5,
      'langsmith.metadata.ls_provider': 'openai',
      'langsmith.metadata.ls_model_name': 'gpt-4o',
      'langsmith.metadata.user_id': 'u1',
      'langsmith.metadata.thread_id': 'c1',
    });
    expect(langfuse).toMatchObject({ ...under('langfuse.observation.metadata.'), 'gen_ai.usage.cost': 2.5 });
    for (const span of [langsmith, langfuse]) expect(JSON.stringify(span)).not.toMatch(/a prompt|_tokenmeter/);
  } finally {
    await collector.stop();
    collector.remove();
    await hook.close();
  }
});
