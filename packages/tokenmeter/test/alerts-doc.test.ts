/** What docs/alerts.md shows is what is sent. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Alerts, type BudgetEdge, BudgetTracker, createAlerts } from '@tokenmeter/budgets';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadConfig } from '../src/config/load.ts';
import { type Listening, listen } from './harness.ts';

const GUIDE = readFileSync(new URL('../../../docs/alerts.md', import.meta.url), 'utf8');

/** The code block that contains the text. */
function block(containing: string): string {
  const found = [...GUIDE.matchAll(/^```\w*\n(.*?)^```/gms)]
    .map(([, code = '']) => code)
    .find((code) => code.includes(containing));
  if (found === undefined) throw new Error(`docs/alerts.md shows no block with ${containing}`);
  return found.trim();
}

const USD = 1_000_000_000_000n;
const CENT = USD / 100n;
const DAY = { start: Date.UTC(2026, 10, 25, 23), end: Date.UTC(2026, 10, 26, 23) };

const EDGE: BudgetEdge = {
  identity: {
    budget: 'agent-copilot',
    environment: 'production',
    window: 'day',
    feature: 'agent-copilot',
    team: 'copilot',
    store: 'store-1',
  },
  state: 'OVER',
  threshold: 1,
  unit: 'usd',
  amount: 5n * USD,
  spent: 531n * CENT,
  coverage: { priced: 112, estimated: 4, unpriced: 2 },
  window: { kind: 'calendar', ...DAY, resetsAt: DAY.end, timezone: 'Europe/Berlin' },
  at: Date.UTC(2026, 10, 26, 12, 30),
  top: [
    { model: 'gpt-4o', route: '/chat', tenant: 'acme', spent: 402n * CENT },
    { model: 'gpt-4o-mini', route: '/chat', spent: 129n * CENT },
  ],
  owner: '@copilot',
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
  actions: [],
};

let receiver: Listening;
let bodies: unknown[];
let alerts: Alerts;

beforeEach(async () => {
  bodies = [];
  receiver = await listen(async (request, response) => {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    bodies.push(JSON.parse(text));
    response.end();
  });
  alerts = createAlerts({
    settings: { webhook: { url: receiver.url }, alertmanager: { url: receiver.url } },
    log: () => {},
  });
});
afterEach(() => receiver.close());

async function sent(edge: BudgetEdge): Promise<unknown> {
  alerts.tell(edge);
  await alerts.flush();
  return bodies[0];
}

it('the configuration is one', () => {
  const home = mkdtempSync(join(tmpdir(), 'guide-'));
  try {
    writeFileSync(join(home, 'tokenmeter.yaml'), block('# tokenmeter.yaml'));
    const env = { SLACK_WEBHOOK_URL: 'https://hooks.slack.com/services/x', PAGERDUTY_ROUTING_KEY: 'k' };
    const { config } = loadConfig({ cwd: home, env });
    expect(Object.keys(config.alerts ?? {}).sort()).toEqual(['alertmanager', 'pagerduty', 'slack', 'webhook']);
    expect(config.budgets.map(({ name, actions }) => [name, actions])).toEqual([
      ['rag-search', ['log', 'event', 'webhook', 'alertmanager']],
      ['one-call', ['log', 'slack']],
      ['tenants', ['log', 'event', 'webhook', 'alertmanager']],
    ]);
  } finally {
    rmSync(home, { recursive: true });
  }
});

it('the message is that of the edge', async () => {
  expect(((await sent({ ...EDGE, actions: ['webhook'] })) as { text: string }).text).toBe(block('Most of it:'));
});

it('the webhook body is that of the edge, down to its cut ends', async () => {
  const body = (await sent({ ...EDGE, actions: ['webhook'] })) as { text: string; edges: [{ top: unknown[] }] };
  const shown = JSON.parse(block('"tokenmeter.alert/v1"'));
  expect(shown).toEqual({
    ...body,
    text: `${body.text.split('\n')[0]}\n…`,
    edges: [{ ...body.edges[0], top: body.edges[0].top.slice(0, 1) }],
  });
});

it('the labels are those of a budget that has all of them', async () => {
  const identity = {
    ...EDGE.identity,
    budget: 'tenants',
    window: 'month',
    scope: { key: 'tenant', value: 'acme' },
    feature: 'rag-search',
    team: 'search',
  };
  const [alert] = (await sent({ ...EDGE, identity, actions: ['alertmanager'] })) as [{ labels: object }];
  expect(alert.labels).toEqual(JSON.parse(block('"alertname"')));
});

it('the tracker’s line is the one that it writes', () => {
  const lines: string[] = [];
  const tracker = new BudgetTracker({ logger: { info: () => {}, warn: (line) => void lines.push(line) } });
  tracker.record({ endpoint: '/chat', model: 'gpt-4o', provider: 'openai', inputTokens: 101_000, outputTokens: 0 });
  expect(lines).toEqual([block('BUDGET ALERT')]);
});
