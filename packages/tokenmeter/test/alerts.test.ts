/** Alerts in whole processes: at their end, and beside the app's own OpenTelemetry. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppFolder, type Listening, listen, runNode } from './harness.ts';

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

describe('at the end of a process', () => {
  it('alerts that wait for their group are sent', async () => {
    const each = `{ identity: { budget: 'each', window: 'day', store: 's', scope: { key: 'tenant', value: 'acme' } } }`;
    app = new AppFolder({
      'app.cjs': `${alertsTo(receiver.url)} alerts.tell(edge('now')); alerts.tell(edge('each', ${each}));`,
    });
    expect(await runNode(app, ['app.cjs'])).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(received.map(({ text }) => /Budget (\w+)/.exec(text)?.[1]).sort()).toEqual(['each', 'now']);
  });

  it('by process.exit(), they are logged', async () => {
    app = new AppFolder({ 'app.cjs': `${alertsTo(receiver.url)} alerts.tell(edge('now')); process.exit(0);` });
    const { stdout } = await runNode(app, ['app.cjs']);
    expect(stdout).toMatch(/^alert not sent to slack: the process ended; it says: BUDGET OVER \| budget=now /);
    expect(received).toEqual([]);
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
