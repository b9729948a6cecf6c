import { rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { AppFolder, type Ended, listen, runNode } from './harness.ts';

const CLI = fileURLToPath(new URL('../dist/cli.mjs', import.meta.url));

let app: AppFolder;
afterEach(() => app.remove());

const demo = (calls: number): Promise<Ended> => runNode(app, [CLI, 'demo', '--calls', String(calls)]);

/** Calls and cost of the report's last row. */
function total({ stdout }: Ended): string[] {
  return /^TOTAL\s+(\d+).*?(\$[\d.]+)/m.exec(stdout)?.slice(1) ?? [];
}

test('demo: five features, an untagged call, and a total that the fake provider counts as well', async () => {
  app = new AppFolder({ 'tokenmeter.yaml': 'features: { mistake: 1 }\n' });
  const before = Date.now();
  const large = await demo(48);
  expect(Date.now() - before).toBeLessThan(10_000);
  expect(large.code, large.stdout + large.stderr).toBe(0);
  for (const feature of ['agent-copilot', 'rag-search', 'summarizer', 'support-triage', 'translate', 'untagged']) {
    expect(large.stdout).toMatch(new RegExp(`^${feature} `, 'm'));
  }
  const [calls, cost] = total(large);
  expect(calls).toBe('48');
  expect(large.stdout).toContain(`served 48 calls`);
  expect(large.stdout).toContain(`bills ${cost}: the same.`);

  const small = await demo(17);
  expect(small.code, small.stdout + small.stderr).toBe(0);
  expect(total(small)[0]).toBe('17');
  expect(total(small)[1]).not.toBe(cost);
});

test('demo: sends to an OTLP endpoint as well, and keeps its report', async () => {
  app = new AppFolder({});
  const paths = new Set<string | undefined>();
  const backend = await listen((request, response) => {
    paths.add(request.url);
    request.resume().on('end', () => response.end());
  });
  const ended = await runNode(app, [CLI, 'demo', '--calls', '16', '--endpoint', backend.url]);
  await backend.close();
  expect(ended.code, ended.stdout + ended.stderr).toBe(0);
  expect(total(ended)[0]).toBe('16');
  expect([...paths].sort()).toEqual(['/v1/metrics', '/v1/traces']);
});

test('demo: without the SDKs it prints the line that installs them', async () => {
  app = new AppFolder({});
  unlinkSync(join(app.path, 'node_modules'));
  const ended = await demo(10);
  expect(ended).toMatchObject({ code: 3, stdout: '' });
  expect(ended.stderr).toContain('npm install openai @anthropic-ai/sdk');
  rmSync(join(app.path, '.tokenmeter'), { recursive: true });
});
