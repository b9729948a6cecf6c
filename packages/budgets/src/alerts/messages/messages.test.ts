import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CENT, callEdge, DAY, edgeOf, tenantEdge, USD } from '../edges.fixture.ts';
import type { Alert, BudgetEdge } from '../types.ts';
import { alertmanagerAlerts } from './alertmanager.ts';
import { budgetEvents } from './event.ts';
import { logLines } from './log.ts';
import { pagerDutyEvents } from './pagerduty.ts';
import { escaped, slackBody } from './slack.ts';
import { alertText, title } from './text.ts';
import { webhookBody } from './webhook.ts';

function alertOf(first: BudgetEdge, ...rest: BudgetEdge[]): Alert {
  return { edges: [first, ...rest], total: rest.length + 1, again: false };
}

const WARN: Partial<BudgetEdge> = { state: 'WARN', threshold: 0.8, spent: 415n * CENT };
const RESET: Partial<BudgetEdge> = {
  state: 'RESET',
  threshold: 1,
  crossed: [0.8, 1],
  spent: 0n,
  coverage: {},
  top: [],
};

describe('the text', () => {
  it('says spend, threshold, coverage, window, reset time, top contributors, owner and trace', () => {
    expect(alertText(alertOf(edgeOf())).split('\n')).toEqual([
      'Budget agent-copilot is over: $5.31 of $5.00 per day (+$0.31)',
      'Environment: production',
      'Window: 2026-11-26 00:00 Europe/Berlin to 2026-11-27 00:00 Europe/Berlin',
      'Resets: 2026-11-27 00:00 Europe/Berlin',
      'Counted: 118 calls: 112 priced, 4 estimated, 2 unpriced. What 2 of them cost is not known and not in the sum',
      'Most of it: gpt-4o /chat acme $4.02 (76%), gpt-4o-mini /chat $1.29 (24%)',
      'Feature: agent-copilot',
      'Team: copilot',
      'Owner: @copilot',
      'Trace: 4bf92f3577b34da6a3ce929d0e0e4736',
    ]);
  });

  it.each([
    ['a warning', edgeOf(WARN), 'Budget agent-copilot is past 80%: $4.15 of $5.00 per day (83%)'],
    ['a reset', edgeOf(RESET), 'Budget agent-copilot is reset: $0.00 of $5.00 per day'],
    [
      'tokens',
      edgeOf({
        unit: 'tokens',
        amount: 10_000n,
        spent: 12_345n,
        window: { kind: 'call', start: 0 },
        identity: { window: 'call' },
      }),
      'Budget agent-copilot is over: 12,345 of 10,000 tokens per call (+2,345)',
    ],
    [
      'a rolling window',
      edgeOf({ amount: USD / 2n, spent: USD, window: { ...DAY, kind: 'rolling' }, identity: { window: '5m' } }),
      'Budget agent-copilot is over: $1.0000 of $0.5000 in 5m (+$0.5000)',
    ],
    ['a value', tenantEdge('acme'), 'Budget tenants (tenant acme) is over: $210.00 of $200.00 per month (+$10.00)'],
    [
      'a hair over',
      edgeOf({ spent: 5n * USD + 1_000_000n }),
      'Budget agent-copilot is over: $5.000001 of $5.000000 per day (+$0.000001)',
    ],
    [
      'an amount of millions',
      edgeOf({ amount: 1_000_000n * USD, spent: 1_234_567n * USD }),
      'Budget agent-copilot is over: $1,234,567.00 of $1,000,000.00 per day (+$234,567.00)',
    ],
    [
      'an amount of nothing',
      edgeOf({ amount: 0n, spent: CENT }),
      'Budget agent-copilot is over: $0.0100 of $0.0000 per day (+$0.0100)',
    ],
  ])('of %s is one sentence', (_, edge, expected) => {
    expect(title(alertOf(edge))).toBe(expected);
  });

  it('never rounds a crossing away', () => {
    const money = fc.bigInt({ min: 1n, max: 10n ** 18n });
    fc.assert(
      fc.property(money, money, (amount, beyond) => {
        const [spent, of] = [
          ...title(alertOf(edgeOf({ amount, spent: amount + beyond }))).matchAll(/\$([\d.,]+)/g),
        ].map(
          // Both have the same decimals.
          ([, text = '']) => BigInt(text.replaceAll(/\D/g, '')),
        );
        return spent !== undefined && of !== undefined && spent > of;
      }),
    );
  });

  it('says that calls are refused, until when, and what else there is', () => {
    const text = alertText(alertOf(edgeOf({ blocks: true, note: 'Prompts grew in 12 calls of one request.' })));
    expect(text).toContain('Resets: 2026-11-27 00:00 Europe/Berlin; calls are refused until then');
    expect(text).toContain('Note: Prompts grew in 12 calls of one request.');
    expect(alertText(alertOf(edgeOf({ ...WARN, blocks: true })))).not.toContain('refused');
  });

  it('counts the values of one budget and gives each a line', () => {
    const alert = alertOf(
      tenantEdge('acme'),
      tenantEdge('bolt', { ...WARN, spent: 170n * USD }),
      tenantEdge('core', RESET),
    );
    expect(alertText(alert).split('\n')).toEqual([
      'Budget tenants: 1 over, 1 warning, 1 reset per month',
      '- tenant acme: over, $210.00 of $200.00; 118 calls: 112 priced, 4 estimated, 2 unpriced; resets 2026-11-27 00:00 Europe/Berlin; trace 4bf92f3577b34da6a3ce929d0e0e4736',
      '- tenant bolt: warning, $170.00 of $200.00; 118 calls: 112 priced, 4 estimated, 2 unpriced; resets 2026-11-27 00:00 Europe/Berlin; trace 4bf92f3577b34da6a3ce929d0e0e4736',
      '- tenant core: reset, $0.00 of $200.00; no calls; trace 4bf92f3577b34da6a3ce929d0e0e4736',
      'Environment: production',
      'Owner: @copilot',
    ]);
    expect(title({ ...alert, total: 60 })).toBe('Budget tenants: 1 over, 1 warning, 1 reset and 57 more per month');
  });

  it('sums up the calls of a digest', () => {
    const digest: Alert = { ...alertOf(callEdge(1, { spent: 61n * CENT }), callEdge(2)), total: 137 };
    expect(title(digest)).toBe('Budget one-call: 137 more calls over, the dearest $0.6100 of $0.1000 per call');
  });

  it('says when it is said again', () => {
    expect(title({ ...alertOf(edgeOf()), again: true })).toBe(
      'Budget agent-copilot is still over: $5.31 of $5.00 per day (+$0.31)',
    );
  });

  it('writes ISO times where the zone is unknown', () => {
    const edge = edgeOf({ window: { ...DAY, timezone: 'Mars/Olympus' } });
    expect(alertText(alertOf(edge))).toContain('Resets: 2026-11-26T23:00:00.000Z');
  });
});

describe('log lines', () => {
  it('are of one format', () => {
    expect(logLines(alertOf(edgeOf()))).toEqual([
      'BUDGET OVER | budget=agent-copilot environment=production window=day spent=$5.31 of=$5.00 threshold=100% ' +
        'coverage="118 calls: 112 priced, 4 estimated, 2 unpriced" resets=2026-11-26T23:00:00.000Z top="gpt-4o /chat acme" ' +
        'feature=agent-copilot team=copilot owner=@copilot trace=4bf92f3577b34da6a3ce929d0e0e4736',
    ]);
    expect(logLines(alertOf(tenantEdge('acme', WARN)))[0]).toMatch(
      /^BUDGET WARN \| budget=tenants tenant=acme environment=production window=month spent=\$4\.15 of=\$200\.00 threshold=80% /,
    );
  });

  it('are one per value, and one for a digest', () => {
    expect(logLines(alertOf(tenantEdge('a'), tenantEdge('b')))).toHaveLength(2);
    const digest = logLines({ ...alertOf(callEdge(1), callEdge(2)), total: 9 });
    expect(digest).toHaveLength(1);
    expect(digest[0]).toContain('more=8');
  });

  it('cannot be forged by a name', () => {
    const [line = ''] = logLines(alertOf(tenantEdge('acme\nBUDGET RESET | budget=x "')));
    expect(line).not.toContain('\n');
    expect(line).toContain(String.raw`tenant="acme\nBUDGET RESET | budget=x \""`);
  });
});

describe('the Slack body', () => {
  it('has blocks and the same headline as text', () => {
    const { text, blocks } = slackBody(alertOf(edgeOf()));
    expect(text).toBe(':rotating_light: Budget agent-copilot is over: $5.31 of $5.00 per day (+$0.31)');
    const shown = blocks.map((block) => (block as { text: { text: string } }).text.text);
    expect(shown[0]).toBe(`*${text}*`);
    expect(shown[1]).toContain('*Resets:* 2026-11-27 00:00 Europe/Berlin');
    expect(shown[1]).toContain('*Owner:* @copilot');
    expect(slackBody(alertOf(edgeOf(WARN))).text).toMatch(/^:warning: /);
    expect(slackBody(alertOf(edgeOf(RESET))).text).toMatch(/^:white_check_mark: /);
  });

  it('lets an owner be mentioned, and nobody else', () => {
    const body = JSON.stringify(slackBody(alertOf(tenantEdge('<!channel> & co', { owner: '<!subteam^S012>' }))));
    expect(body).toContain('*Owner:* <!subteam^S012>');
    expect(body).toContain('&lt;!channel&gt; &amp; co');
    expect(body).not.toContain('<!channel>');
    expect(escaped('<@U1>')).toBe('&lt;@U1&gt;');
    expect(JSON.stringify(slackBody(alertOf(edgeOf({ owner: '<@U1> <!channel>' }))))).not.toContain('<!channel>');
  });

  it('stays within the bounds of Slack, whatever the names', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 5000 }), { minLength: 1, maxLength: 20 }), (names) => {
        const [first = edgeOf(), ...rest] = names.map((name) => tenantEdge(name));
        const { blocks } = slackBody(alertOf(first, ...rest));
        const texts = blocks.map((block) => (block as { text: { text: string } }).text.text);
        return blocks.length <= 50 && texts.every((text) => text.length > 0 && text.length <= 3000);
      }),
      { numRuns: 50 },
    );
  });
});

describe('PagerDuty events', () => {
  const options = { routingKey: 'R0', source: 'shop-api' };

  it('trigger with a key of budget, window and threshold', () => {
    const [event, ...more] = pagerDutyEvents(alertOf(edgeOf()), options);
    expect(more).toEqual([]);
    expect(event).toMatchObject({
      routing_key: 'R0',
      event_action: 'trigger',
      dedup_key: 'tokenmeter/production/agent-copilot/day/2026-11-25T23:00:00.000Z/100%',
      payload: {
        summary: 'Budget agent-copilot is over: $5.31 of $5.00 per day (+$0.31)',
        source: 'shop-api',
        severity: 'critical',
        timestamp: '2026-11-26T12:30:00.000Z',
        component: 'agent-copilot',
        group: 'copilot',
        custom_details: { Owner: '@copilot', Trace: '4bf92f3577b34da6a3ce929d0e0e4736' },
      },
    });
  });

  it('have another key for another threshold, window, value and environment, and the same for another store', () => {
    const keys = [
      edgeOf(),
      edgeOf(WARN),
      edgeOf({ window: { ...DAY, start: DAY.start + 86_400_000 } }),
      edgeOf({ identity: { environment: 'staging' } }),
      tenantEdge('acme'),
      tenantEdge('acme/x'),
    ].map((edge) => pagerDutyEvents(alertOf(edge), options)[0]?.dedup_key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(pagerDutyEvents(alertOf(edgeOf({ identity: { store: 'other' } })), options)[0]?.dedup_key).toBe(keys[0]);
  });

  it('have one key for all calls of a budget, and for a rolling window wherever it stands', () => {
    const keyOf = (edge: BudgetEdge): unknown => pagerDutyEvents(alertOf(edge), options)[0]?.dedup_key;
    expect(keyOf(callEdge(1))).toBe(keyOf(callEdge(2)));
    const rolling = { ...DAY, kind: 'rolling' } as const;
    expect(keyOf(edgeOf({ window: rolling }))).toBe(keyOf(edgeOf({ window: { ...rolling, start: 7 } })));
  });

  it('resolve every threshold on RESET', () => {
    const triggered = [edgeOf(), edgeOf(WARN)].map((edge) => pagerDutyEvents(alertOf(edge), options)[0]?.dedup_key);
    const resolved = pagerDutyEvents(alertOf(edgeOf(RESET)), options);
    expect(resolved.map(({ event_action }) => event_action)).toEqual(['resolve', 'resolve']);
    expect(resolved.map(({ dedup_key }) => dedup_key).sort()).toEqual(triggered.sort());
  });

  it('open and resolve an alert of a window that is over: nobody else would', () => {
    const late = edgeOf({ at: DAY.end as number, blocks: true });
    const events = pagerDutyEvents(alertOf(late), options);
    expect(events.map(({ event_action }) => event_action)).toEqual(['trigger', 'resolve']);
    expect(new Set(events.map(({ dedup_key }) => dedup_key)).size).toBe(1);
    expect(alertText(alertOf(late))).toMatch(/^Budget agent-copilot was over: /);
    expect(alertText(alertOf(late))).toContain(
      'Resets: 2026-11-27 00:00 Europe/Berlin, before the call that crossed had ended',
    );
    const [alert] = alertmanagerAlerts(late, late.at);
    expect(Date.parse(alert?.endsAt ?? '')).toBeGreaterThan(late.at);
  });

  it('are one for a digest', () => {
    const events = pagerDutyEvents({ ...alertOf(callEdge(1), callEdge(2)), total: 9 }, options);
    expect(events).toHaveLength(1);
    expect(events[0]?.payload?.summary).toBe(
      'Budget one-call: 9 more calls over, the dearest $0.1200 of $0.1000 per call',
    );
  });

  it('stay within the bounds of PagerDuty, and long names keep apart', () => {
    const long = 'x'.repeat(2000);
    const [a, b] = [`${long}a`, `${long}b`].map((name) => pagerDutyEvents(alertOf(tenantEdge(name)), options)[0]);
    expect(a?.dedup_key.length).toBeLessThanOrEqual(255);
    expect(a?.payload?.summary.length).toBeLessThanOrEqual(1024);
    expect(a?.dedup_key).not.toBe(b?.dedup_key);
  });
});

describe('the webhook body', () => {
  it('is the documented shape', () => {
    expect(JSON.parse(JSON.stringify(webhookBody(alertOf(edgeOf()))))).toEqual({
      schema: 'tokenmeter.alert/v1',
      text: alertText(alertOf(edgeOf())),
      total: 1,
      again: false,
      edges: [
        {
          key: 'tokenmeter/production/agent-copilot/day/2026-11-25T23:00:00.000Z/100%',
          state: 'OVER',
          budget: 'agent-copilot',
          environment: 'production',
          feature: 'agent-copilot',
          team: 'copilot',
          owner: '@copilot',
          store: 'store-1',
          threshold: 1,
          unit: 'usd',
          amount: '5.00',
          spent: '5.31',
          coverage: { priced: 112, estimated: 4, unpriced: 2 },
          window: {
            name: 'day',
            kind: 'calendar',
            start: '2026-11-25T23:00:00.000Z',
            end: '2026-11-26T23:00:00.000Z',
            resetsAt: '2026-11-26T23:00:00.000Z',
            timezone: 'Europe/Berlin',
          },
          top: [
            { model: 'gpt-4o', route: '/chat', tenant: 'acme', spent: '4.02' },
            { model: 'gpt-4o-mini', route: '/chat', spent: '1.29' },
          ],
          blocks: false,
          traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
          spanId: '00f067aa0ba902b7',
          at: '2026-11-26T12:30:00.000Z',
        },
      ],
    });
  });

  it('keeps every pico-dollar, and counts as they are', () => {
    const spentOf = (edge: BudgetEdge): unknown => (webhookBody(alertOf(edge)).edges[0] as { spent: unknown }).spent;
    expect(spentOf(edgeOf({ spent: 5n * USD + 1n }))).toBe('5.000000000001');
    expect(spentOf(edgeOf({ spent: 100n * USD }))).toBe('100.00');
    expect(spentOf(edgeOf({ unit: 'calls', spent: 100n }))).toBe('100');
  });
});

describe('Alertmanager alerts', () => {
  const now = Date.UTC(2026, 10, 26, 13);

  it('have the identity as labels, none of them of a replica, and end with the window', () => {
    const [alert] = alertmanagerAlerts(edgeOf(), now);
    expect(alert?.labels).toEqual({
      alertname: 'TokenmeterBudget',
      severity: 'critical',
      team: 'copilot',
      tokenmeter_budget_name: 'agent-copilot',
      tokenmeter_budget_window: 'day',
      tokenmeter_budget_threshold: '100%',
      tokenmeter_feature: 'agent-copilot',
      tokenmeter_team: 'copilot',
      deployment_environment_name: 'production',
    });
    expect(alert).toMatchObject({ startsAt: '2026-11-26T12:30:00.000Z', endsAt: '2026-11-26T23:00:00.000Z' });
    expect(alert?.annotations).toMatchObject({
      summary: 'Budget agent-copilot is over: $5.31 of $5.00 per day (+$0.31)',
      owner: '@copilot',
      trace: '4bf92f3577b34da6a3ce929d0e0e4736',
    });
  });

  it('go to the platform team where none is known', () => {
    const [alert] = alertmanagerAlerts(edgeOf({ identity: { team: undefined } }), now);
    expect(alert?.labels).toMatchObject({ team: 'platform' });
    expect(alert?.labels).not.toHaveProperty('tokenmeter_team');
  });

  it('are the same from another process, whatever it has counted', () => {
    const [a] = alertmanagerAlerts(edgeOf(), now);
    const other = edgeOf({ identity: { store: 'store-2' }, traceId: 'f'.repeat(32), spent: 9n * USD, at: now });
    expect(alertmanagerAlerts(other, now)[0]?.labels).toEqual(a?.labels);
  });

  it('end at once on RESET, for every threshold', () => {
    const ended = alertmanagerAlerts(edgeOf(RESET), now);
    expect(ended.map(({ labels }) => labels.severity)).toEqual(['warning', 'critical']);
    expect(ended.map(({ endsAt }) => endsAt)).toEqual([new Date(now).toISOString(), new Date(now).toISOString()]);
  });

  it('stand for the length of a rolling window, and for five minutes where there is none', () => {
    const at = now - 60_000;
    const rolling = edgeOf({ at, window: { kind: 'rolling', start: at - 3_600_000, end: at + 3_600_000 } });
    expect(alertmanagerAlerts(rolling, now)[0]?.endsAt).toBe(new Date(now + 3_600_000).toISOString());
    expect(alertmanagerAlerts(callEdge(1), now)[0]?.endsAt).toBe(new Date(now + 300_000).toISOString());
  });
});

describe('log events', () => {
  it('carry the identity, the state and the numbers, and belong to the call', () => {
    expect(budgetEvents(alertOf(edgeOf()))).toEqual([
      {
        severity: 'ERROR',
        body: 'Budget agent-copilot is over: $5.31 of $5.00 per day (+$0.31)',
        timestamp: Date.UTC(2026, 10, 26, 12, 30),
        attributes: {
          'tokenmeter.budget.name': 'agent-copilot',
          'tokenmeter.budget.window': 'day',
          'tokenmeter.feature': 'agent-copilot',
          'tokenmeter.team': 'copilot',
          'deployment.environment.name': 'production',
          'tokenmeter.budget.state': 'OVER',
          'tokenmeter.budget.threshold': 1,
          'tokenmeter.budget.unit': 'usd',
          'tokenmeter.budget.amount': 5,
          'tokenmeter.budget.spent': 5.31,
        },
        traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
        spanId: '00f067aa0ba902b7',
      },
    ]);
    expect(budgetEvents(alertOf(edgeOf(WARN)))[0]?.severity).toBe('WARN');
    expect(budgetEvents(alertOf(edgeOf(RESET)))[0]?.severity).toBe('INFO');
    expect(budgetEvents({ ...alertOf(callEdge(1), callEdge(2)), total: 9 })).toHaveLength(1);
  });
});
