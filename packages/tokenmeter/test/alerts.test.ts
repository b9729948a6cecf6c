/** Alerts in whole processes: at their end, and beside the app's own OpenTelemetry. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect, createServer, type Server } from 'node:net';
import { type FakeProvider, startFakeProvider } from '@tokenmeter/fake-provider';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AppFolder, client, type Listening, listen, otlp, REQUIRE, runNode, start, startOtlpSink } from './harness.ts';

let app: AppFolder;
let receiver: Listening;
let received: { readonly request: IncomingMessage; readonly text: string }[];

beforeEach(async () => {
  received = [];
  receiver = await listen(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    received.push({ request, text: Buffer.concat(chunks).toString() });
    response.end('ok');
  });
});
afterEach(async () => {
  app.remove();
  await receiver.close();
});

/** Defines `alerts`, which log on stdout, and `edge(budget)`, one that goes to Slack. */
function alertsTo(url: string): string {
  return `const { createAlerts } = require('@tokenmeter/budgets');
    const alerts = createAlerts({ settings: { slack: { webhook: '${url}/services/s3cr3t' } }, log: (line) => console.log(line) });
    const edge = (budget, more) => ({
      identity: { budget, window: 'day', store: 's' }, state: 'OVER', threshold: 1, unit: 'usd',
      amount: 5000000000000n, spent: 6000000000000n, coverage: { priced: 1 },
      window: { kind: 'calendar', start: 0, end: 86400000, resetsAt: 86400000 }, at: 1, top: [], actions: ['slack'], ...more,
    });
    process.on('exit', () => alerts.finish());
    process.once('beforeExit', () => alerts.flush());\n`;
}

/** Listens, says where, and never accepts: its event loop stands still. */
const DEAF = `const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  require('node:fs').writeSync(1, String(server.address().port));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});`;

describe('at the end of a process', () => {
  it('alerts that wait for their group are sent', async () => {
    const each = `{ identity: { budget: 'each', window: 'day', store: 's', scope: { key: 'tenant', value: 'acme' } } }`;
    app = new AppFolder({
      'app.cjs': `${alertsTo(receiver.url)} alerts.tell(edge('now')); alerts.tell(edge('each', ${each}));`,
    });
    expect(await runNode(app, ['app.cjs'])).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(received.map(({ text }) => /Budget (\w+)/.exec(text)?.[1]).sort()).toEqual(['each', 'now']);
  });

  it.skipIf(!process.allowedNodeEnvironmentFlags.has('--use-env-proxy'))(
    'they go through a proxy, where Node is told of one',
    async () => {
      app = new AppFolder({ 'app.cjs': `${alertsTo('http://alerts.invalid')} alerts.tell(edge('now'));` });
      const { stdout } = await runNode(app, ['app.cjs'], { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: receiver.url });
      expect(stdout).toBe('');
      expect(received.map(({ request }) => request.url)).toEqual(['http://alerts.invalid/services/s3cr3t']);
    },
  );

  it.each([
    ['process.exit()', 0, 'process.exit(0)'],
    ['an error that nobody catches', 1, 'throw new Error("boom")'],
  ])('by %s, they are sent as well', async (_, code, end) => {
    const each = `{ identity: { budget: 'each', window: 'day', store: 's', scope: { key: 'tenant', value: 'acme' } } }`;
    app = new AppFolder({
      'app.cjs': `${alertsTo(receiver.url)} setTimeout(() => { alerts.tell(edge('now')); ${end}; }, 50); alerts.tell(edge('each', ${each}));`,
    });
    expect(await runNode(app, ['app.cjs'])).toMatchObject({ code, stdout: '' });
    expect(received.map(({ text }) => /Budget (\w+)/.exec(text)?.[1]).sort()).toEqual(['each', 'now']);
    expect(received[0]?.request.headers).toMatchObject({ 'content-type': 'application/json' });
  });

  describe('with a receiver that is not there', () => {
    let hole: Server;
    let url: string;
    let connections: number;

    beforeEach(async () => {
      connections = 0;
      hole = createServer((socket) => {
        connections += 1;
        socket.on('error', () => {});
      }).listen(0, '127.0.0.1');
      await once(hole, 'listening');
      url = `http://127.0.0.1:${(hole.address() as { port: number }).port}`;
    });
    afterEach(() => void hole.close());

    it('the app is held up for three seconds, however many alerts wait, and they are logged', async () => {
      const tells = `for (let i = 0; i < 20; i++) alerts.tell(edge('b' + i));`;
      app = new AppFolder({
        'app.cjs': `${alertsTo(url)} ${tells} setImmediate(() => console.log('end of app ' + Date.now()));
        process.on('exit', () => console.log('exit ' + Date.now()));`,
      });
      const { stdout } = await runNode(app, ['app.cjs']);
      const [end = 0, exit = 0] = [...stdout.matchAll(/^(?:end of app|exit) (\d+)$/gm)].map(([, time]) => Number(time));
      expect(exit - end).toBeLessThan(3500);
      expect(connections).toBe(1);
      expect(stdout.match(/alert not sent to slack/g)).toHaveLength(20);
      expect(stdout).not.toContain('s3cr3t');
    });

    // Linux drops what it has no room for; `fetch` then holds a process for ten seconds, whatever its signal says.
    it.skipIf(process.platform !== 'linux')(
      'a connection whose packets are dropped holds up the end no longer',
      async () => {
        const deaf = spawn(process.execPath, ['-e', DEAF], { stdio: ['ignore', 'pipe', 'ignore'] });
        const port = Number(String((await once(deaf.stdout, 'data'))[0]));
        const filling = Array.from({ length: 4 }, () => connect({ port, host: '127.0.0.1' }).on('error', () => {}));
        await new Promise((resolve) => setTimeout(resolve, 300));
        app = new AppFolder({
          'app.cjs': `${alertsTo(`http://127.0.0.1:${port}`)} alerts.tell(edge('first'));
        setImmediate(() => console.log('end of app ' + Date.now())); process.on('exit', () => console.log('exit ' + Date.now()));`,
        });
        const { stdout } = await runNode(app, ['app.cjs']);
        for (const socket of filling) socket.destroy();
        deaf.kill('SIGKILL');
        const [end = 0, exit = 0] = [...stdout.matchAll(/^(?:end of app|exit) (\d+)$/gm)].map(([, time]) =>
          Number(time),
        );
        expect(stdout).toContain('did not answer in time; it says: BUDGET OVER | budget=first ');
        expect(exit - end).toBeLessThan(6000);
      },
    );

    it('process.exit() is held up for three seconds, and they are logged', async () => {
      app = new AppFolder({
        'app.cjs': `${alertsTo(url)} for (let i = 0; i < 5; i++) alerts.tell(edge('b' + i));
        console.log('end of app ' + Date.now()); process.on('exit', () => console.log('exit ' + Date.now())); process.exit(0);`,
      });
      const { stdout } = await runNode(app, ['app.cjs']);
      const [end = 0, exit = 0] = [...stdout.matchAll(/^(?:end of app|exit) (\d+)$/gm)].map(([, time]) => Number(time));
      expect(exit - end).toBeLessThan(4000);
      expect(stdout.match(/did not answer in time; it says: BUDGET OVER/g)).toHaveLength(5);
      expect(stdout).not.toContain('s3cr3t');
    });

    it('an alert that got no answer before does not hold up the end', async () => {
      app = new AppFolder({
        'app.cjs': `${alertsTo(url)} alerts.tell(edge('first'));
        setTimeout(() => { alerts.tell(edge('second')); setTimeout(() => console.log('end of app ' + Date.now()), 100) }, 3500);
        process.on('exit', () => console.log('exit ' + Date.now()));`,
      });
      const { stdout } = await runNode(app, ['app.cjs']);
      const [end = 0, exit = 0] = [...stdout.matchAll(/^(?:end of app|exit) (\d+)$/gm)].map(([, time]) => Number(time));
      expect(exit - end).toBeLessThan(500);
      expect(stdout).toContain('did not answer in time; it says: BUDGET OVER | budget=first ');
      expect(stdout).toContain('the process ended; it says: BUDGET OVER | budget=second ');
    });
  });
});

/** The app's own OpenTelemetry, with every span and log record printed at the end. */
const OWN_SDK = `const api = require('@opentelemetry/api');
  const { NodeSDK } = require('@opentelemetry/sdk-node');
  const spans = [];
  const records = [];
  const quiet = { shutdown: async () => {}, forceFlush: async () => {} };
  new NodeSDK({
    spanProcessors: [{ ...quiet, onStart() {}, onEnd: (span) => spans.push(span.name) }],
    logRecordProcessors: [{ ...quiet, onEmit: (record) => records.push(record) }],
    instrumentations: [new (require('@opentelemetry/instrumentation-http').HttpInstrumentation)()],
  }).start();
  const http = require('node:http');
  const get = (url) => new Promise((resolve) => http.get(url, (response) => response.resume().on('end', resolve)));
  process.on('exit', () => console.log(JSON.stringify({ spans, records: records.map((record) => ({
    name: record.eventName, body: record.body, severity: record.severityNumber, attributes: record.attributes,
    traceId: record.spanContext && record.spanContext.traceId })) })));\n`;

const QUIET = { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };

describe('beside the app’s own OpenTelemetry', () => {
  it('an alert makes no span, and carries neither trace nor baggage of the call', async () => {
    app = new AppFolder({
      'app.cjs': `${OWN_SDK} ${alertsTo(receiver.url)}
        const baggage = api.propagation.createBaggage({ customer: { value: 'acme' } });
        api.trace.getTracer('app').startActiveSpan('request', (span) =>
          api.context.with(api.propagation.setBaggage(api.context.active(), baggage), async () => {
            await get('${receiver.url}/own');
            alerts.tell(edge('now'));
            await new Promise((resolve) => setTimeout(resolve, 200));
            span.end();
          }));`,
    });
    const { stdout } = await runNode(app, ['app.cjs'], QUIET);
    expect((JSON.parse(stdout) as { spans: string[] }).spans).toEqual(['GET', 'request']);
    const [own, alert] = received.map(({ request }) => request);
    // The app's own request shows that both would have been there.
    expect(own?.headers).toMatchObject({ traceparent: expect.any(String), baggage: 'customer=acme' });
    expect(alert?.url).toBe('/services/s3cr3t');
    expect(alert?.headers).not.toHaveProperty('traceparent');
    expect(alert?.headers).not.toHaveProperty('baggage');
  });

  it('an event is a log record of the call', async () => {
    app = new AppFolder({
      'app.cjs': `${OWN_SDK} ${alertsTo(receiver.url)}
        alerts.tell(edge('now', { actions: ['event'], traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' }));`,
    });
    const { stdout } = await runNode(app, ['app.cjs'], QUIET);
    expect((JSON.parse(stdout) as { records: unknown[] }).records).toEqual([
      {
        name: 'tokenmeter.budget.alert',
        body: 'Budget now is over: $6.00 of $5.00 per day (+$1.00)',
        severity: 17,
        attributes: expect.objectContaining({ 'tokenmeter.budget.name': 'now', 'tokenmeter.budget.spent': 6 }),
        traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      },
    ]);
  });
});

describe('with register', () => {
  let provider: FakeProvider;

  beforeAll(async () => {
    provider = await startFakeProvider();
  });
  afterAll(() => provider.close());

  const config = (alerts: string, more = ''): string => `environment: test
features: { chat: { owner: "@chat", team: web, budget: { calls: 1, per: day, thresholds: [100%]${more} } } }
alerts: ${alerts}\n`;
  const tagged = (code: string): string =>
    `const { withFeature } = require('tokenmeter'); ${client(provider)} withFeature('chat', async () => { ${code} });`;

  it('the call that crosses is the one in the message, with feature, owner and trace', async () => {
    app = new AppFolder({
      'tokenmeter.yaml': config(`{ webhook: { url: "\${URL}/hook" } }`),
      'app.cjs': tagged('await call(); await call();'),
    });
    const ended = await runNode(app, [...REQUIRE, 'app.cjs'], { URL: receiver.url });
    expect(ended).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringMatching(/^BUDGET OVER \| budget=chat [^\n]*\n$/),
    });
    expect(received).toHaveLength(1);
    const { edges } = JSON.parse(received[0]?.text ?? '') as { edges: Record<string, unknown>[] };
    const [, second] = app.ledger();
    expect(edges).toEqual([
      expect.objectContaining({
        ...{ state: 'OVER', budget: 'chat', environment: 'test', unit: 'calls', amount: '1', spent: '2' },
        ...{ feature: 'chat', team: 'web', owner: '@chat', traceId: second?.['span.traceId'] },
        top: [expect.objectContaining({ model: 'gpt-4o-mini' })],
      }),
    ]);
  });

  it('a secret that is not set is one warning, and the alert is logged', async () => {
    app = new AppFolder({
      'tokenmeter.yaml': config(`{ slack: { webhook: "\${NOT_SET}" } }`, ', actions: [slack]'),
      'app.cjs': tagged('await call(); await call();'),
    });
    const { code, stderr } = await runNode(app, [...REQUIRE, 'app.cjs']);
    expect(code).toBe(0);
    expect(stderr.trim().split('\n')).toEqual([
      `tokenmeter: ${app.path}/tokenmeter.yaml:3: alerts.slack is off: the environment variable NOT_SET is not set`,
      'tokenmeter: alerts for slack are logged instead: alerts.slack is not set in tokenmeter.yaml',
      expect.stringMatching(/^BUDGET OVER \| budget=chat /),
    ]);
  });

  it('a channel that hangs holds up the end for a few seconds only; the failure is counted and logged', async () => {
    const hole = await listen(() => {});
    const sink = await startOtlpSink();
    app = new AppFolder({
      'tokenmeter.yaml': config(`{ slack: { webhook: "${hole.url}/s3cr3t" } }`),
      'app.cjs': tagged(`for (let i = 0; i < 20; i++) await call(); console.log('done ' + Date.now());
        process.on('exit', () => console.log('exit ' + Date.now()));`),
    });
    const { stdout, stderr } = await runNode(app, [...REQUIRE, 'app.cjs'], otlp(sink));
    const [done = 0, exit = 0] = [...stdout.matchAll(/(\d+)$/gm)].map(([, time]) => Number(time));
    expect(exit - done).toBeLessThan(6000);
    expect(stderr).toContain('tokenmeter: alert not sent to slack: ');
    expect(stderr).not.toContain('s3cr3t');
    expect(sink.metricNames()).toContain('tokenmeter.alerts.failed');
    await Promise.all([hole.close(), sink.close()]);
  });

  it('a signal sends what waits', async () => {
    app = new AppFolder({
      'tokenmeter.yaml': `budgets: [{ name: tenants, each: tenant, per: day, calls: 1, thresholds: [100%] }]
alerts: { slack: { webhook: "${receiver.url}" } }\n`,
      'app.cjs': `const { withAttribution } = require('tokenmeter'); ${client(provider)}
        withAttribution({ feature: 'chat', tenant: 'acme' }, async () => { await call(); await call(); console.log('ready'); });
        setInterval(() => {}, 1000);`,
    });
    const running = start(app, [...REQUIRE, 'app.cjs']);
    await running.printed('ready');
    running.child.kill('SIGTERM');
    expect((await running.ended).signal).toBe('SIGTERM');
    expect(received.map(({ text }) => (JSON.parse(text) as { text: string }).text)).toEqual([
      ':rotating_light: Budget tenants (tenant acme) is over: 2 of 1 calls per day (+1)',
    ]);
  });
});
