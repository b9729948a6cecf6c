import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AlertOptions, buildAlerts, type Timings } from './alerts.ts';
import { callEdge, edgeOf, tenantEdge, USD } from './edges.fixture.ts';
import { type Answer, BLACK_HOLE, OK, type Receiver, startReceiver } from './receiver.fixture.ts';
import type { AlertSettings } from './settings.ts';
import type { Alert, Alerts, BudgetEdge } from './types.ts';

const FAST: Timings = { groupMs: 200, keepUpMs: 60_000, timeoutMs: 400, backoffMs: 20, quietMs: 3_600_000 };

let receivers: Receiver[];
let lines: string[];
let failed: Record<string, number>;

beforeEach(() => {
  receivers = [];
  lines = [];
  failed = {};
});
afterEach(async () => {
  await Promise.all(receivers.map((receiver) => receiver.close()));
});

async function receiver(answer: Answer = OK): Promise<Receiver> {
  const started = await startReceiver(answer);
  receivers.push(started);
  return started;
}

function alertsTo(settings: AlertSettings, timings: Partial<Timings> = {}, more: Partial<AlertOptions> = {}): Alerts {
  // What an earlier test left behind must not speak here.
  const [own, counts] = [lines, failed];
  return buildAlerts(
    {
      settings,
      log: (line) => own.push(line),
      onFailed: (channel, count) => {
        counts[channel] = (counts[channel] ?? 0) + count;
      },
      ...more,
    },
    { ...FAST, ...timings },
  );
}

const slackTo = ({ url }: Receiver): AlertSettings => ({ slack: { webhook: `${url}/services/T0/B0/s3cr3t` } });
const pagerTo = ({ url }: Receiver): AlertSettings => ({
  pagerduty: { routingKey: 'r0ut1ngk3y', url: `${url}/v2/enqueue` },
});

const status =
  (code: number, headers: Record<string, string> = {}, body = ''): Answer =>
  (response) =>
    void response.writeHead(code, headers).end(body);

/** The first answers, then 200. */
const first =
  (...answers: Answer[]): Answer =>
  (response, before) =>
    (answers[before] ?? OK)(response, before);

describe('each channel', () => {
  it('gets its own body at its own address', async () => {
    const [slack, pager, hook, manager] = [await receiver(), await receiver(), await receiver(), await receiver()];
    const alerts = alertsTo({
      ...slackTo(slack),
      ...pagerTo(pager),
      webhook: { url: `${hook.url}/alerts?team=a` },
      alertmanager: { url: `${manager.url}/prefix/` },
    });
    alerts.tell(edgeOf({ actions: ['log', 'slack', 'pagerduty', 'webhook', 'alertmanager'] }));
    const [[toSlack], [toPager], [toHook], [toManager]] = await Promise.all([
      slack.until(1),
      pager.until(1),
      hook.until(1),
      manager.until(1),
    ]);
    expect(toSlack?.path).toBe('/services/T0/B0/s3cr3t');
    expect(toSlack?.body.text).toContain('Budget agent-copilot is over: $5.31 of $5.00 per day');
    expect(toPager).toMatchObject({
      path: '/v2/enqueue',
      body: { routing_key: 'r0ut1ngk3y', event_action: 'trigger' },
    });
    expect(toHook).toMatchObject({ path: '/alerts?team=a', body: { schema: 'tokenmeter.alert/v1', total: 1 } });
    expect(toManager?.path).toBe('/prefix/api/v2/alerts');
    expect(toManager?.body).toMatchObject([{ labels: { tokenmeter_budget_name: 'agent-copilot' } }]);
    expect(toHook?.headers['content-type']).toBe('application/json');
    expect(lines).toEqual([expect.stringMatching(/^BUDGET OVER \| budget=agent-copilot /)]);
    expect(failed).toEqual({ log: 0, event: 0, slack: 0, pagerduty: 0, webhook: 0, alertmanager: 0 });
  });

  it('is logged instead, and said so once, where it has no settings', async () => {
    const alerts = alertsTo({});
    alerts.tell(edgeOf({ actions: ['slack', 'log'] }));
    alerts.tell(edgeOf({ state: 'RESET', actions: ['slack'] }));
    await alerts.flush();
    expect(lines[0]).toBe(
      'tokenmeter: alerts for slack are logged instead: alerts.slack is not set in tokenmeter.yaml',
    );
    expect(lines.slice(1)).toEqual([expect.stringMatching(/^BUDGET RESET \| /)]);
  });

  it('takes user and password of its URL as basic authentication', async () => {
    const manager = await receiver();
    const url = manager.url.replace('http://', 'http://bot:p%40ss@');
    alertsTo({ alertmanager: { url } }).tell(edgeOf({ actions: ['alertmanager'] }));
    const [request] = await manager.until(1);
    expect(request?.headers.authorization).toBe(`Basic ${Buffer.from('bot:p@ss').toString('base64')}`);
  });

  it('a function gets the alert and its text; what it throws is counted and logged', async () => {
    const told: [Alert, string][] = [];
    const alerts = alertsTo({});
    const boom = (): never => {
      throw new Error('boom');
    };
    const reject = async (): Promise<void> => {
      throw new Error('later');
    };
    const tell = (alert: Alert, text: string): void => void told.push([alert, text]);
    alerts.tell(edgeOf({ actions: [boom, reject, tell] }));
    await alerts.flush();
    expect(told).toHaveLength(1);
    expect(told[0]?.[0].edges[0].identity.budget).toBe('agent-copilot');
    expect(told[0]?.[1]).toContain('Owner: @copilot');
    expect(failed.function).toBe(2);
    expect(lines).toEqual([
      'tokenmeter: alert not taken by function: boom',
      'tokenmeter: alert not taken by function: later',
    ]);
  });
});

describe('a channel that fails', () => {
  it('delays and silences no other, and no call', async () => {
    const [hole, good] = [await receiver(BLACK_HOLE), await receiver()];
    const alerts = alertsTo({ ...slackTo(hole), ...pagerTo(good) }, { timeoutMs: 60_000 });
    for (let day = 0; day < 200; day++) {
      const window = { ...edgeOf().window, start: day * 86_400_000 };
      alerts.tell(tenantEdge(`t${day}`, { window, actions: ['slack', 'pagerduty'] }));
    }
    // All of them were taken before anything was sent, and the one that hangs holds up its own queue only.
    expect([hole.received.length, good.received.length]).toEqual([0, 0]);
    await good.until(100);
    expect(hole.received.length).toBeLessThanOrEqual(1);
  });

  it('is timed out, counted, and what it was to say is in the log', async () => {
    const hole = await receiver(BLACK_HOLE);
    const alerts = alertsTo(slackTo(hole));
    alerts.tell(edgeOf());
    await alerts.flush();
    expect(failed.slack).toBe(1);
    expect(lines).toEqual([
      expect.stringMatching(
        /^tokenmeter: alert not sent to slack: 127\.0\.0\.1:\d+ did not answer in time; it says: BUDGET OVER \| /,
      ),
    ]);
  });

  it('is not quoted again where the log has the alert already', async () => {
    const alerts = alertsTo(slackTo(await receiver(status(500))));
    alerts.tell(edgeOf({ actions: ['log', 'slack'] }));
    await alerts.flush();
    expect(lines).toEqual([expect.stringMatching(/^BUDGET OVER/), expect.stringMatching(/answered 500$/)]);
  });

  it.each([
    ['404', status(404, {}, 'no_service'), 'answered 404: no_service'],
    ['a redirect', status(302, { location: 'http://127.0.0.1:1/' }), 'answered 302'],
    [
      'an endless refusal',
      (response) => void response.writeHead(400).write('x'.repeat(1e6)),
      `answered 400: ${'x'.repeat(200)}`,
    ],
    ['a closed connection', (response) => void response.destroy(), 'closed the connection'],
    ['garbage', (response) => void response.socket?.end('nonsense\r\n\r\n'), 'failed: Parse Error: Expected HTTP/'],
  ] as [string, Answer, string][])('by %s says why', async (_, answer, reason) => {
    const bad = await receiver(answer);
    const alerts = alertsTo(slackTo(bad));
    alerts.tell(edgeOf());
    await alerts.flush();
    expect(lines[0]).toContain(`alert not sent to slack: ${new URL(bad.url).host} ${reason}`);
    expect(failed.slack).toBe(1);
    expect(bad.received).toHaveLength(1);
  });

  it('by a refused connection or an unknown host says why', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    const alerts = alertsTo({
      webhook: { url: `http://127.0.0.1:${port}/` },
      slack: { webhook: 'http://no-such-host.invalid/services/s3cr3t' },
    });
    alerts.tell(edgeOf({ actions: ['webhook', 'slack'] }));
    await alerts.flush();
    expect(lines.join('\n')).toContain(`alert not sent to webhook: 127.0.0.1:${port} refused the connection`);
    expect(lines.join('\n')).toContain('alert not sent to slack: no-such-host.invalid ');
  });

  it('never shows a secret', async () => {
    const echo: Answer = (response) =>
      void response.writeHead(400).end('bad key r0ut1ngk3y for /services/T0/B0/s3cr3t, /hook?token=t0k3n, p@ss');
    const bad = await receiver(echo);
    const alerts = alertsTo({
      ...slackTo(bad),
      ...pagerTo(bad),
      webhook: { url: `${bad.url.replace('http://', 'http://bot:p%40ss@')}/hook?token=t0k3n` },
    });
    alerts.tell(edgeOf({ actions: ['slack', 'pagerduty', 'webhook'] }));
    await alerts.flush();
    expect(lines).toHaveLength(3);
    const all = lines.join('\n');
    for (const [channel, secret] of [
      ['slack', 's3cr3t'],
      ['pagerduty', 'r0ut1ngk3y'],
      ['webhook', 't0k3n'],
      ['webhook', 'p@ss'],
    ]) {
      const line = lines.find((text) => text.includes(`sent to ${channel}`));
      expect(line).toContain('[redacted]');
      expect(line).not.toContain(secret);
    }
    expect(all).toContain('answered 400');
  });

  it('refuses an address that is none without naming it', () => {
    const alerts = alertsTo({ slack: { webhook: 'hooks.slack.com/services/s3cr3t' } });
    alerts.tell(edgeOf());
    alerts.finish();
    expect(lines).toEqual([
      'tokenmeter: alerts for slack are logged instead: the address of an alert channel must be a URL of http or https',
      expect.stringMatching(/^BUDGET OVER \| /),
    ]);
  });
});

it('a log that throws costs nobody anything', async () => {
  const slack = await receiver();
  const log = (): never => {
    throw new Error('closed');
  };
  const alerts = alertsTo({ ...slackTo(slack), webhook: { url: 'http://[bad' } }, {}, { log });
  expect(() => alerts.tell(edgeOf({ actions: ['log', 'webhook', 'slack'] }))).not.toThrow();
  await slack.until(1);
  expect(() => alerts.finish()).not.toThrow();
});

describe('a retry', () => {
  it('waits as long as Slack asks', async () => {
    const busy = await receiver(first(status(429, { 'retry-after': '1' })));
    alertsTo(slackTo(busy)).tell(edgeOf());
    const [one, two] = await busy.until(2);
    expect((two?.at ?? 0) - (one?.at ?? 0)).toBeGreaterThan(900);
    expect(two?.body).toEqual(one?.body);
    expect(failed.slack).toBe(0);
  });

  it('is not made by Slack or a webhook after anything but 429: the message might come twice', async () => {
    const broken = await receiver(status(503));
    const alerts = alertsTo({ ...slackTo(broken), webhook: { url: broken.url } });
    alerts.tell(edgeOf({ actions: ['slack', 'webhook'] }));
    await alerts.flush();
    expect(broken.received).toHaveLength(2);
  });

  it('is made by PagerDuty after 500s, 429 and lost connections, with the same key', async () => {
    const broken = await receiver(first(status(500), status(429), (response) => void response.destroy()));
    alertsTo(pagerTo(broken)).tell(edgeOf({ actions: ['pagerduty'] }));
    const tries = await broken.until(4);
    expect(new Set(tries.map(({ body }) => body.dedup_key)).size).toBe(1);
    expect(failed.pagerduty).toBe(0);
  });

  it('is not made after a refusal, and ends', async () => {
    const refusing = await receiver(status(400));
    const broken = await receiver(status(500));
    const alerts = alertsTo({ ...pagerTo(broken), alertmanager: { url: refusing.url } });
    alerts.tell(edgeOf({ actions: ['pagerduty', 'alertmanager'] }));
    await broken.until(5);
    await alerts.flush();
    expect(refusing.received).toHaveLength(1);
    expect(broken.received).toHaveLength(5);
    expect(failed).toMatchObject({ pagerduty: 1, alertmanager: 1 });
  });

  it('backs off: each wait may be twice as long as the one before, and is at least half of that', async () => {
    const broken = await receiver(status(500));
    alertsTo(pagerTo(broken), { backoffMs: 80 }).tell(edgeOf({ actions: ['pagerduty'] }));
    const tries = await broken.until(5);
    const waits = tries.slice(1).map(({ at }, before) => at - (tries[before]?.at ?? 0));
    for (const [retry, wait] of waits.entries()) expect(wait).toBeGreaterThan(20 * 2 ** retry);
  });
});

describe('a queue', () => {
  it('is bounded: the oldest are given up, counted and logged', async () => {
    const hole = await receiver(BLACK_HOLE);
    const alerts = alertsTo(slackTo(hole), { timeoutMs: 60_000 });
    for (let day = 0; day < 150; day++) {
      alerts.tell(edgeOf({ identity: { budget: `b${day}` } }));
    }
    await hole.until(1);
    alerts.finish();
    expect(failed.slack).toBe(150);
    expect(lines.filter((line) => line.includes('too many alerts wait'))).toHaveLength(50);
    expect(lines.filter((line) => line.includes('the process ended'))).toHaveLength(100);
    expect(new Set(lines.map((line) => /budget=(b\d+)/.exec(line)?.[1])).size).toBe(150);
  });
});

describe('grouping', () => {
  it('puts values of one budget in one message to Slack, and each in its own event to PagerDuty', async () => {
    const [slack, pager] = [await receiver(), await receiver()];
    const alerts = alertsTo({ ...slackTo(slack), ...pagerTo(pager) });
    for (const tenant of ['acme', 'bolt', 'core']) alerts.tell(tenantEdge(tenant, { actions: ['slack', 'pagerduty'] }));
    const events = await pager.until(3);
    expect(slack.received).toHaveLength(0);
    const [message] = await slack.until(1);
    expect(message?.body.text).toContain('Budget tenants: 3 over per month');
    expect(new Set(events.map(({ body }) => body.dedup_key)).size).toBe(3);
    await alerts.flush();
    expect(slack.received).toHaveLength(1);
  });

  it('tells the first call at once, and the others in one digest', async () => {
    const slack = await receiver();
    const alerts = alertsTo(slackTo(slack));
    for (let call = 0; call < 1000; call++) alerts.tell(callEdge(call));
    const [one, digest] = await slack.until(2);
    expect(one?.body.text).toContain('Budget one-call is over: $0.1200 of $0.1000 per call');
    expect(digest?.body.text).toContain('Budget one-call: 999 more calls over');
  });
});

it('an alert of calls is resolved at PagerDuty when its budget has been quiet for a while', async () => {
  const pager = await receiver();
  const alerts = alertsTo(pagerTo(pager), { groupMs: 40, quietMs: 250 });
  const tell = (call: number, more?: Partial<BudgetEdge>): void =>
    alerts.tell(callEdge(call, { actions: ['pagerduty'], ...more }));
  tell(1, { threshold: 0.5, state: 'WARN' });
  await new Promise((resolve) => setTimeout(resolve, 100));
  tell(2);
  await new Promise((resolve) => setTimeout(resolve, 100));
  tell(3);
  await pager.until(5);
  await alerts.flush();
  const events = pager.received.map(({ body }) => `${body.event_action} ${/[^/]+$/.exec(String(body.dedup_key))}`);
  expect(events.slice(0, 3)).toEqual(['trigger 50%', 'trigger 100%', 'trigger 100%']);
  expect(events.slice(3).sort()).toEqual(['resolve 100%', 'resolve 50%']);
});

describe('what holds', () => {
  const later = { window: { ...edgeOf().window, end: Date.now() + 3_600_000 } };

  it('is pushed to Alertmanager again and again, all of it in one request, until RESET', async () => {
    const manager = await receiver();
    const alerts = alertsTo({ alertmanager: { url: manager.url } }, { keepUpMs: 40 });
    const actions: BudgetEdge['actions'] = ['alertmanager'];
    alerts.tell(edgeOf({ ...later, actions }));
    alerts.tell(tenantEdge('acme', { ...later, actions }));
    const bodies = (await manager.until(5)).map(({ body }) => body as unknown as unknown[]);
    expect(bodies.slice(2, 5).map((body) => body.length)).toEqual([2, 2, 2]);
    alerts.tell(edgeOf({ ...later, state: 'RESET', actions }));
    alerts.tell(tenantEdge('acme', { ...later, state: 'RESET', actions }));
    await alerts.flush();
    const count = manager.received.length;
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(manager.received).toHaveLength(count);
  });

  it('is kept up after a restart without being told anew', async () => {
    const [manager, slack] = [await receiver(), await receiver()];
    const alerts = alertsTo({ alertmanager: { url: manager.url }, ...slackTo(slack) }, { keepUpMs: 40 });
    alerts.resume(edgeOf({ ...later, actions: ['alertmanager', 'slack'] }));
    await manager.until(2);
    expect(slack.received).toHaveLength(0);
  });

  it('is not told again after a restart: every process that starts would do so', async () => {
    const [manager, slack] = [await receiver(), await receiver()];
    const alerts = alertsTo({ alertmanager: { url: manager.url }, ...slackTo(slack) }, { keepUpMs: 30 });
    alerts.resume(edgeOf({ ...later, at: 0, renotifyMs: 1, actions: ['alertmanager', 'slack'] }));
    await manager.until(3);
    expect(slack.received).toHaveLength(0);
  });

  it('ends where another process has told of its RESET', async () => {
    const manager = await receiver();
    const window = { kind: 'rolling', start: Date.now() - 60_000, end: Date.now() + 60_000 } as const;
    let holds = true;
    const current = (): BudgetEdge | undefined => (holds ? edgeOf({ window }) : undefined);
    const alerts = alertsTo({ alertmanager: { url: manager.url } }, { keepUpMs: 30 }, { current });
    alerts.tell(edgeOf({ window, actions: ['alertmanager'] }));
    await manager.until(3);
    holds = false;
    await new Promise((resolve) => setTimeout(resolve, 80));
    const count = manager.received.length;
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(manager.received).toHaveLength(count);
  });

  it('ends with its window, whether or not anybody says so', async () => {
    const manager = await receiver();
    const alerts = alertsTo({ alertmanager: { url: manager.url } }, { keepUpMs: 40 });
    const window = { ...edgeOf().window, end: Date.now() + 100 };
    alerts.tell(edgeOf({ window, actions: ['alertmanager'] }));
    await new Promise((resolve) => setTimeout(resolve, 250));
    const count = manager.received.length;
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(manager.received).toHaveLength(count);
    expect(count).toBeGreaterThanOrEqual(2);
  });

  it('logs an Alertmanager that stays away once, and counts each time', async () => {
    const manager = await receiver(status(400));
    const alerts = alertsTo({ alertmanager: { url: manager.url } }, { keepUpMs: 30 });
    alerts.tell(edgeOf({ ...later, actions: ['alertmanager'] }));
    await manager.until(4);
    await alerts.flush();
    expect(lines).toHaveLength(1);
    expect(failed.alertmanager).toBeGreaterThanOrEqual(4);
  });

  it('is told again after renotifyMs, with what is spent by then', async () => {
    const slack = await receiver();
    const current = (): BudgetEdge => edgeOf({ ...later, spent: 9n * USD });
    const alerts = alertsTo(slackTo(slack), { keepUpMs: 30 }, { current });
    alerts.tell(edgeOf({ ...later, at: Date.now(), renotifyMs: 300 }));
    alerts.tell(edgeOf({ ...later, at: Date.now(), identity: { budget: 'quiet' } }));
    const messages = await slack.until(4);
    const texts = messages.map(({ body }) => String(body.text));
    expect(texts.filter((text) => text.includes('still over: $9.00 of $5.00'))).toHaveLength(2);
    expect(texts.filter((text) => text.includes('quiet'))).toHaveLength(1);
    const [told = 0, again = 0, once = 0] = messages
      .filter((_, at) => !texts[at]?.includes('quiet'))
      .map(({ at }) => at);
    // A round is 30 ms: what the network adds to 300 does not matter.
    expect(again - told).toBeGreaterThan(150);
    expect(once - again).toBeGreaterThan(150);
  });

  it('is told again by the process that claims the round, of all that see it', async () => {
    const slack = await receiver();
    const claimed = new Set<string>();
    const claimAgain = async ({ threshold }: BudgetEdge, round: number): Promise<boolean> => {
      const claim = `${threshold} ${round}`;
      return !claimed.has(claim) && claimed.add(claim) !== undefined;
    };
    const edge = edgeOf({ ...later, at: Date.now(), renotifyMs: 100 });
    const [gone, ...others] = [1, 2, 3].map(() => alertsTo(slackTo(slack), { keepUpMs: 20 }, { claimAgain }));
    gone?.tell(edge);
    for (const other of others) other.resume(edge);
    await slack.until(4);
    await Promise.all(others.map((other) => other.flush()));
    expect(slack.received.length - 1).toBe(claimed.size);
    const texts = slack.received.map(({ body }) => String(body.text));
    expect(texts.filter((text) => text.includes('still over'))).toHaveLength(claimed.size);
  });
});

describe('flush', () => {
  it('sends what waits for its group', async () => {
    const slack = await receiver();
    const alerts = alertsTo(slackTo(slack), { groupMs: 60_000 });
    alerts.tell(tenantEdge('acme'));
    alerts.tell(callEdge(1));
    alerts.tell(callEdge(2));
    await alerts.flush();
    expect(slack.received).toHaveLength(3);
    expect(failed.slack).toBe(0);
  });

  it('ends in time whatever hangs, and finish logs what is left', async () => {
    const hole = await receiver(BLACK_HOLE);
    const hang = (): Promise<void> => new Promise(() => {});
    const alerts = alertsTo({ ...slackTo(hole), ...pagerTo(hole) }, { timeoutMs: 60_000 });
    for (const budget of ['a', 'b', 'c'])
      alerts.tell(edgeOf({ identity: { budget }, actions: ['slack', 'pagerduty', hang] }));
    const before = performance.now();
    await alerts.flush(300);
    const took = performance.now() - before;
    expect(took).toBeGreaterThan(250);
    expect(took).toBeLessThan(2000);
    alerts.finish();
    for (const budget of ['a', 'b', 'c']) {
      const said = lines.filter((line) => line.includes(`budget=${budget} `));
      expect(said.map((line) => /sent to (\w+)/.exec(line)?.[1]).sort()).toEqual(['pagerduty', 'slack']);
    }
  });

  it('waits for a retry that Slack asked for, if there is time', async () => {
    const busy = await receiver(first(status(429, { 'retry-after': '1' })));
    const alerts = alertsTo(slackTo(busy));
    alerts.tell(edgeOf());
    await alerts.flush(3000);
    expect(busy.received).toHaveLength(2);
    expect(failed.slack).toBe(0);
  });

  it('is at once where nothing waits', async () => {
    const alerts = alertsTo({});
    await alerts.flush();
    expect(lines).toEqual([]);
  });

  it('does not lose what it had no time for: the queue goes on', async () => {
    const slow: Answer = (response) => void setTimeout(() => response.end(), 250);
    const slack = await receiver(slow);
    const alerts = alertsTo(slackTo(slack));
    for (let at = 0; at < 4; at++) alerts.tell(edgeOf({ identity: { budget: `b${at}` } }));
    await alerts.flush(400);
    expect(slack.received.length).toBeLessThan(4);
    await slack.until(4);
  });
});
