import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, EMPTY_CONFIG, loadConfig } from './load.ts';
import { SCHEMA } from './schema.ts';
import type { Config } from './types.ts';

let home: string;
let file: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'config-'));
  file = join(home, 'tokenmeter.yaml');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function load(text: string, env: Record<string, string> = {}): Config {
  writeFileSync(file, text);
  return loadConfig({ cwd: home, env }).config;
}

function messages(text: string, env: Record<string, string> = {}): readonly string[] {
  try {
    load(text, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.messages.map((message) => message.replace(`${file}:`, ''));
    throw error;
  }
  return [];
}

describe('tokenmeter.yaml', () => {
  it('is found from the working directory upwards', () => {
    const deep = join(home, 'a', 'b');
    mkdirSync(deep, { recursive: true });
    writeFileSync(file, 'service: shop');
    expect(loadConfig({ cwd: deep, env: {} })).toMatchObject({ file, config: { service: 'shop' } });
    writeFileSync(join(home, 'a', 'tokenmeter.yaml'), '');
    expect(loadConfig({ cwd: deep, env: {} }).file).toBe(join(home, 'a', 'tokenmeter.yaml'));
    expect(loadConfig({ cwd: deep, env: {} }).config).toEqual(EMPTY_CONFIG);
    expect(() => loadConfig({ cwd: home, env: {}, file: 'other.yaml' })).toThrow('other.yaml: cannot be read');
  });

  it('may be absent', () => {
    const loaded = loadConfig({ cwd: home, env: {} });
    expect(loaded.file).toBeUndefined();
    expect(loaded.config).toEqual(EMPTY_CONFIG);
  });

  it('says everything it can say', () => {
    const config = load(
      `
version: 1
service: shop-api
environment: \${STAGE}
features:
  rag-search: { team: search, owner: "@search", routes: ["/find", "GET /search/*"] }
  agent-copilot: { team: copilot }
routes:
  "/search": rag-search
  "POST /chat/*": agent-copilot
tenants: { onMetrics: true }
prices:
  discounts: { anthropic: 25%, openai: 10 }
  aliases: { "azure.ai.openai/my-deployment": "azure.ai.openai/gpt-4o" }
  overrides:
    - { provider: openai, model: gpt-4o, input: 2, output: "8.5", from: 2026-11-01, label: contract }
alerts:
  slack: { webhook: "\${HOOKS}/services/T0/B0/x" }
  pagerduty: { routingKey: r0 }
  alertmanager: { url: "http://127.0.0.1:9093" }
  webhook: { url: "https://example.com/hook" }
ledger: { dir: data/ledger, keepDays: 90 }
`,
      { STAGE: 'staging', HOOKS: 'https://hooks.slack.com' },
    );
    expect(config).toEqual({
      service: 'shop-api',
      environment: 'staging',
      features: { 'rag-search': { team: 'search', owner: '@search' }, 'agent-copilot': { team: 'copilot' } },
      routes: [
        { route: '/search', feature: 'rag-search' },
        { method: 'POST', route: '/chat/*', feature: 'agent-copilot' },
        { route: '/find', feature: 'rag-search' },
        { method: 'GET', route: '/search/*', feature: 'rag-search' },
      ],
      budgets: [],
      tenants: { onMetrics: true },
      prices: {
        discounts: { anthropic: '25%', openai: 10 },
        aliases: { 'azure.ai.openai/my-deployment': 'azure.ai.openai/gpt-4o' },
        overrides: [
          { provider: 'openai', model: 'gpt-4o', input: 2, output: '8.5', from: '2026-11-01', label: 'contract' },
        ],
      },
      alerts: {
        slack: { webhook: 'https://hooks.slack.com/services/T0/B0/x' },
        pagerduty: { routingKey: 'r0' },
        alertmanager: { url: 'http://127.0.0.1:9093' },
        webhook: { url: 'https://example.com/hook' },
      },
      ledger: { dir: join(home, 'data', 'ledger'), keepDays: 90 },
    });
    expect(load('prices: { discounts: [{ provider: openai, meter: input, percent: 20% }] }').prices?.discounts).toEqual(
      [{ provider: 'openai', meter: 'input', percent: '20%' }],
    );
    expect(load('tenants: { onMetrics: true }').tenants).toEqual({ onMetrics: true });
  });

  it('does without a channel of alerts whose secret is not set here, and says so', () => {
    writeFileSync(
      file,
      `service: x
alerts:
  slack: { webhook: "\${SLACK}" }
  pagerduty:
    routingKey: a-\${KEY}-b
    url: http://x\${HOST}
  webhook: { url: http://y }
`,
    );
    const { config, leftOut } = loadConfig({ cwd: home, env: { KEY: 'k' } });
    expect(config).toEqual({
      features: {},
      routes: [],
      budgets: [],
      service: 'x',
      alerts: { webhook: { url: 'http://y' } },
    });
    expect(leftOut).toEqual({
      slack: `${file}:3: alerts.slack is off: the environment variable SLACK is not set`,
      pagerduty: `${file}:6: alerts.pagerduty is off: the environment variable HOST is not set`,
    });
  });

  it('never shows what stands under alerts', () => {
    const found = messages(
      'alerts:\n  slack: { webhook: hooks.slack.com/s3cr3t }\n  pagerduty: { routingKey: [s3cr3t] }\n  webhook: s3cr3t\n',
    );
    expect(found).toEqual([
      '2: alerts.slack.webhook: must be an incoming webhook of Slack, a URL of http or https',
      '3: alerts.pagerduty.routingKey: must be the integration key of an Events API v2 integration',
      '4: alerts.webhook: must be the settings of a webhook of your own',
    ]);
  });

  it('has budgets of its own and of features', () => {
    const { budgets } = load(`
features:
  rag-search: { team: search, owner: "@search", budget: { usd: 2, per: day } }
budgets:
  - { name: one-call, per: call, usd: "0.10", actions: [log, throw] }
  - { name: tenants, each: tenant, per: week, tokens: 5000, timezone: Europe/Berlin, weekStart: sunday, enforce: reserve, hold: learned, renotify: 4h }
  - { per: 5m, calls: 50, match: { feature: [a, b], model: "gpt-*" }, thresholds: [90%, 20] }
`);
    expect(budgets).toMatchObject([
      {
        name: 'rag-search',
        measure: 'usd',
        amount: 2_000_000_000,
        window: { kind: 'calendar', unit: 'day', timezone: 'UTC' },
        match: { feature: ['rag-search'] },
        thresholds: [0.5, 0.8, 1],
        enforce: 'observe',
        onUnpriced: 'warn',
        onStoreDown: 'allow',
        owner: '@search',
        team: 'search',
      },
      { name: 'one-call', amount: 100_000_000, window: { kind: 'call' }, thresholds: [1], enforce: 'check' },
      {
        name: 'tenants',
        measure: 'tokens',
        each: 'tenant',
        window: { unit: 'week', timezone: 'Europe/Berlin', weekStart: 7 },
        enforce: 'reserve',
        hold: 'learned',
        renotifyMs: 4 * 3_600_000,
      },
      {
        name: 'budget-3',
        window: { kind: 'rolling', milliseconds: 300_000 },
        match: { feature: ['a', 'b'], model: ['gpt-*'] },
        thresholds: [0.2, 0.9],
      },
    ]);
  });

  it('names the line of a value for whoever uses it', () => {
    writeFileSync(
      file,
      'service: x\nprices:\n  overrides:\n    - model: a\n      input: 1\n    - model: b\n      input: 7\n',
    );
    const { locate } = loadConfig({ cwd: home, env: {} });
    expect(locate(['prices', 'overrides', 1, 'input'])).toBe(`${file}:7: prices.overrides[1].input`);
    expect(locate(['prices', 'overrides', 1, 'output'])).toBe(`${file}:6: prices.overrides[1].output`);
  });
});

describe('a mistake', () => {
  it.each([
    [
      'an unknown key',
      'service: x\nfeaturs: {}',
      ['2: featurs: unknown key. Allowed here: version, service, environment'],
    ],
    [
      'a nested unknown key',
      'features:\n  a:\n    taem: x',
      ['3: features.a.taem: unknown key. Allowed here: team, owner, routes, budget'],
    ],
    [
      'a budget without amount',
      'budgets:\n  - { name: a, per: day }',
      ['2: budgets[0]: must have exactly one of usd, tokens, calls, turns'],
    ],
    [
      'a budget with two amounts',
      'features:\n  a: { budget: { usd: 2, calls: 3, per: day } }',
      ['2: features.a.budget: must have exactly one of usd, tokens, calls, turns'],
    ],
    ['a budget without window', 'budgets: [{ usd: 1 }]', ['1: budgets[0]: "per" is missing']],
    [
      'an unknown window',
      'budgets:\n  - usd: 1\n    per: fortnight',
      ['3: budgets[0].per: must be call, request, hour, day, week, month or a duration from 6s to 366d'],
    ],
    [
      'an unknown zone',
      'budgets: [{ usd: 1, per: day, timezone: Europe/Atlantis }]',
      ['1: budgets[0].timezone: must be an IANA time zone, e.g. Europe/Berlin, not "Europe/Atlantis"'],
    ],
    ['an amount of nothing', 'budgets: [{ usd: 0, per: day }]', ['1: budgets[0].usd: must be more than 0, not 0']],
    [
      'an unknown enforcement',
      'budgets: [{ usd: 1, per: day, enforce: hard }]',
      ['1: budgets[0].enforce: must be one of observe, check, reserve, not "hard"'],
    ],
    [
      'two budgets of one name',
      'budgets: [{ name: a, usd: 1, per: day }]\nfeatures:\n  a: { budget: { usd: 1, per: day } }',
      ['1: budgets[0].name: there are two budgets named "a"'],
    ],
    ['a wrong type', 'features:\n  a:\n    team: [x]', ['3: features.a.team: must be the name of a team, not a list']],
    ['an empty value', 'service:', ['1: service: must be the name of the service, not empty']],
    [
      'a feature called untagged',
      'features:\n  ok: {}\n  untagged: {}',
      ['3: features.untagged: the key must be another name than "untagged"'],
    ],
    ['a route that is none', 'routes:\n  search: a', ['2: routes.search: the key must be a route']],
    [
      'a route of two features',
      'routes: { "/a": one }\nfeatures:\n  two: { routes: ["/a"] }',
      ['3: the route "/a" is of two features: one and two'],
    ],
    [
      'a wrong percentage',
      'prices:\n  discounts: { openai: lots }',
      ['2: prices.discounts.openai: must be a percentage from 0 to 100, e.g. 25%, not "lots"'],
    ],
    [
      'a discount above 100',
      'prices: { discounts: { openai: 125% } }',
      ['1: prices.discounts.openai: must be a percentage'],
    ],
    [
      'a discount without percent',
      'prices: { discounts: [{ provider: x }] }',
      ['1: prices.discounts[0]: "percent" is missing'],
    ],
    [
      'an unknown meter',
      'prices: { overrides: [{ model: x, inptu: 1 }] }',
      ['1: prices.overrides[0].inptu: unknown key. Allowed here: provider, model, from'],
    ],
    ['a wrong alias', 'prices: { aliases: { a: gpt-4o } }', ['1: prices.aliases.a: must be provider/model']],
    [
      'a number out of range',
      'ledger: { keepDays: 0 }',
      ['1: ledger.keepDays: must be a number of days from 1 to 3650, not 0'],
    ],
    ['another version', 'version: 2', ['1: version: must be 1, the version of this format, not 2']],
    [
      'wrong tenants',
      'tenants: { onMetrics: some }',
      ['1: tenants.onMetrics: must be true or false: whether the tenant stands on metrics'],
    ],
    ['a channel without its address', 'alerts: { slack: {} }', ['1: alerts.slack: "webhook" is missing']],
    [
      'an unknown channel',
      'alerts: { email: {} }',
      ['1: alerts.email: unknown key. Allowed here: slack, pagerduty, alertmanager, webhook'],
    ],
    ['a list', '- a', ['1: the file: must be a mapping of settings, not a list']],
    [
      'a variable without value',
      `service: x\nenvironment: "\${STAGE}"`,
      ['2: the environment variable STAGE is not set'],
    ],
    ['a key twice', 'service: a\nservice: b', ['2: Map keys must be unique']],
    ['broken YAML', 'features:\n  a: { team: x\n', ['3: ']],
  ])('%s is named with its line, its path and what is allowed', (_, text, expected) => {
    const found = messages(text);
    expect(found).toHaveLength(expected.length);
    for (const [index, start] of expected.entries()) expect(found[index]?.slice(0, start.length)).toBe(start);
  });

  it('is told together with all others, by line', () => {
    const found = messages('ledger: { keepDays: x }\nbogus: 1\nservice: 3\n');
    expect(found.map((message) => message.split(':')[0])).toEqual(['1', '2', '3']);
  });
});

it('the published schema is the one in use', () => {
  const published = readFileSync(new URL('../../schema/tokenmeter.schema.json', import.meta.url), 'utf8');
  expect(JSON.parse(published)).toEqual(SCHEMA);
});
