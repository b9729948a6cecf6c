/** A ledger of processes that exported no metrics, counted afterwards through the replay receiver. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startFakeProvider } from '@tokenmeter/fake-provider';
import { DEFAULT_MODEL, generateFiles } from '@tokenmeter/monitoring';
import { picoToUsd } from '@tokenmeter/pricing';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { ownSum } from '../../packages/tokenmeter/src/demo/own-sum.ts';
import { runDemoApp } from '../lib/app.ts';
import { startCollector } from '../lib/collector.ts';
import { eventually, freePorts } from '../lib/process.ts';
import { startPrometheus } from '../lib/prometheus.ts';

const CLI = fileURLToPath(new URL('../../packages/tokenmeter/dist/cli.mjs', import.meta.url));
const MODEL = { ...DEFAULT_MODEL, evaluationSeconds: 1 };

test('money and tokens are booked once, at the time of the replay', async () => {
  const [port = 0] = await freePorts(1);
  const provider = await startFakeProvider();
  const folder = mkdtempSync(join(tmpdir(), 'tokenmeter-replay-'));
  const replay = parse(generateFiles(MODEL).get('deploy/collector-replay.yaml') as string) as object;
  const collector = await startCollector({ config: () => replay, env: { REPLAY_ENDPOINT: `127.0.0.1:${port}` } });
  const prometheus = await startPrometheus({
    program: 'prometheus3',
    model: MODEL,
    scrape: [collector.ports.prometheus],
  });
  try {
    await runDemoApp(provider, undefined, 32, { TOKENMETER_LEDGER: '1' }, folder);
    const own = picoToUsd(ownSum(provider.served()));
    for (const said of ['were sent to', 'Every call was sent before.']) {
      const args = [
        CLI,
        'ledger',
        'replay',
        '--dir',
        join(folder, '.tokenmeter'),
        '--endpoint',
        `http://127.0.0.1:${port}`,
      ];
      const done = spawnSync(process.execPath, args, { encoding: 'utf8' });
      expect(done.stderr).toBe('');
      expect(done.stdout).toContain(said);
    }
    const sum = (expr: string): Promise<number> => prometheus.number(`sum(sum_over_time(${expr}[10m]))`);
    await eventually(async () => Math.abs((await sum('tokenmeter:cost_usd:increase')) - own) < 1e-9);
    await eventually(async () => (await sum('tokenmeter:calls:increase')) === provider.served().totals.calls);
    const { usage } = provider.served().totals;
    await eventually(async () => (await sum('tokenmeter:tokens:increase')) === usage.input + usage.output);
  } finally {
    for (const program of [prometheus, collector]) {
      await program.stop();
      program.remove();
    }
    await provider.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
