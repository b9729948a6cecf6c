/** Where alerts go, asked of amtool. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_MODEL, generateFiles } from '@tokenmeter/monitoring';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ProgramName, pathOf } from '../programs/table.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokenmeter-amtool-'));
  const model = { ...DEFAULT_MODEL, features: { chat: { team: 'search' }, batch: { team: 'data' } } };
  writeFileSync(
    join(folder, 'alertmanager.yml'),
    generateFiles(model).get('deploy/alertmanager/alertmanager.yml') as string,
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

function amtool(name: ProgramName, ...args: string[]): string {
  const done = spawnSync(pathOf(name), args, { cwd: folder, encoding: 'utf8' });
  expect(done.status, done.stderr).toBe(0);
  return done.stdout.trim();
}

describe.each(['amtool25', 'amtool'] as const)('%s', (name) => {
  test('takes the configuration', () => {
    expect(amtool(name, 'check-config', 'alertmanager.yml')).toContain('SUCCESS');
  });

  test.each([
    [{ team: 'search', severity: 'critical' }, 'pagerduty,slack-search'],
    [{ team: 'search', severity: 'warning' }, 'slack-search'],
    [{ team: 'data', severity: 'info' }, 'slack-data'],
    [{ team: 'platform', severity: 'critical' }, 'pagerduty,slack-platform'],
    [{ alertname: 'TokenmeterBudget', team: 'data', severity: 'warning' }, 'slack-data'],
    [{ team: 'nobody', severity: 'warning' }, 'slack-platform'],
    [{ alertname: 'TokenmeterWatchdog', severity: 'none', team: 'platform' }, 'watchdog'],
  ])('%o goes to %s', (labels, receivers) => {
    const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
    expect(amtool(name, 'config', 'routes', 'test', '--config.file=alertmanager.yml', ...pairs)).toBe(receivers);
  });
});
