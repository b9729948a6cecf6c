import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_MODEL, generateFiles } from '@tokenmeter/monitoring';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { main } from './program.ts';

let cwd: string;
let said: { out: string; err: string };

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'tokenmeter-monitoring-'));
  said = { out: '', err: '' };
});
afterEach(() => rmSync(cwd, { recursive: true }));

function run(...args: string[]): Promise<number> {
  const io = {
    out: (text: string) => {
      said.out += text;
    },
    err: (text: string) => {
      said.err += text;
    },
    ...{ env: {}, cwd, now: Date.now },
  };
  return main(['monitoring', 'generate', ...args], io);
}

test('writes every file and names it', async () => {
  expect(await run('--out', 'here')).toBe(0);
  for (const [path, text] of generateFiles(DEFAULT_MODEL)) {
    expect(readFileSync(join(cwd, 'here', path), 'utf8')).toBe(text);
    expect(said.out).toContain(join('here', path));
  }
});

test('a mistake in the prices is named with its file, and nothing is written', async () => {
  writeFileSync(
    join(cwd, 'tokenmeter.yaml'),
    'prices:\n  overrides:\n    - { provider: openai, model: gpt-4o, input: 25000 }\n',
  );
  expect(await run()).toBe(2);
  expect(said.err).toMatch(/tokenmeter\.yaml: prices\.overrides\.0\.input/);
  expect(said.out).toBe('');
});

test('a folder that cannot be written is named', async () => {
  writeFileSync(join(cwd, 'file'), '');
  expect(await run('--out', 'file')).toBe(1);
  expect(said.err).toContain('Name another folder with --out');
});

test('budgets in USD are in the rules, with their thresholds: what rules cannot add up, processes tell', async () => {
  writeFileSync(
    join(cwd, 'tokenmeter.yaml'),
    `features:
  chat: { team: search, budget: { usd: 2.5, per: day, thresholds: [70%] } }
budgets:
  - { name: berlin, usd: 10, per: month, timezone: Europe/Berlin }
  - { name: tenants, each: tenant, usd: 10, per: month }
  - { name: rolling, usd: 10, per: 24h }
  - { name: calls, calls: 10, per: day }
  - { name: whole, usd: 100, per: month }
`,
  );
  expect(await run('--out', 'here')).toBe(0);
  const rules = readFileSync(join(cwd, 'here', 'deploy', 'prometheus', 'tokenmeter.rules.yml'), 'utf8');
  const named = [...rules.matchAll(/tokenmeter_budget_name: (\w+)/g)].map(([, name]) => name);
  expect(new Set(named)).toEqual(new Set(['chat', 'berlin', 'tenants', 'rolling', 'whole']));
  expect(rules).toContain('+ 2.5)');
  expect(rules).toContain('tokenmeter_budget_usd{tokenmeter_budget_name="berlin"}');
  expect(rules).toContain('tokenmeter:budget_used:ratio{tokenmeter_budget_name="chat"} > 0.7');
  expect(rules).toContain('tokenmeter:budget_used:ratio{tokenmeter_budget_name!~"chat"} > 0.8');
  expect(rules).toContain('TokenmeterBudgetBurnsFast');
});
