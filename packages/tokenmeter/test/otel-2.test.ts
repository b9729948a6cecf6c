/** An app on OpenTelemetry's 2.x line, whose packages refuse the API that the 3.x line needs. */
import { type FakeProvider, startFakeProvider } from '@tokenmeter/fake-provider';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { AppFolder, client, type OtlpSink, otlp, REQUIRE, runNode, startOtlpSink } from './harness.ts';
import { installPacked, type PackedProject } from './packed-project.ts';

let project: PackedProject;
let provider: FakeProvider;
let sink: OtlpSink;
let app: AppFolder;

beforeAll(async () => {
  provider = await startFakeProvider();
  project = installPacked(['@opentelemetry/api@1.9.1', '@opentelemetry/sdk-node@0.223.0', 'openai@6.49.0']);
}, 300_000);
afterAll(async () => {
  await provider?.close();
  project?.remove();
});
beforeEach(async () => {
  sink = await startOtlpSink();
});
afterEach(async () => {
  await sink.close();
  app.remove();
});

test('its SDK is started where it has started none; what does not fit is named with a line that mends it', async () => {
  app = new AppFolder({ 'app.cjs': `${client(provider)} call();` }, project.nodeModules);
  const before = await runNode(app, [...REQUIRE, 'app.cjs'], otlp(sink));
  expect(before).toMatchObject({ code: 0, stdout: '' });
  expect(sink.calls()).toEqual([expect.objectContaining({ 'resource.service.name': 'test-app' })]);
  expect(sink.calls()[0]?.['resource.telemetry.sdk.version']).toMatch(/^2\./);
  expect(sink.metricNames()).toContain('tokenmeter.calls');
  expect(app.ledger()).toEqual([]);

  // npm nests the newest instrumentations below us, and those are of the 3.x line.
  const [, packages = ''] = /^tokenmeter: Routes and baggage .* npm install (.*)\n$/.exec(before.stderr) ?? [];
  project.add(packages.split(' '));
  const after = await runNode(app, [...REQUIRE, 'app.cjs'], otlp(sink));
  expect(after).toMatchObject({ code: 0, stdout: '', stderr: '' });
  expect(sink.calls()).toHaveLength(2);
});

test('its own NodeSDK is joined without a word', async () => {
  app = new AppFolder(
    {
      'app.cjs': `const { diag } = require('@opentelemetry/api'); const log = (text) => console.log(text);
        diag.setLogger({ error: log, warn: log, info() {}, debug() {}, verbose() {} });
        const { NodeSDK } = require('@opentelemetry/sdk-node'); const sdk = new NodeSDK({ serviceName: 'own' }); sdk.start();
        ${client(provider)} call().then(() => sdk.shutdown());`,
    },
    project.nodeModules,
  );
  const ended = await runNode(app, [...REQUIRE, 'app.cjs'], otlp(sink));
  expect(ended).toMatchObject({ code: 0, stderr: '', stdout: '' });
  expect(sink.calls()).toEqual([expect.objectContaining({ 'resource.service.name': 'own' })]);
  expect(sink.metricNames()).toContain('tokenmeter.calls');
});

test('its log records get the events of budgets, from an API without logs', async () => {
  app = new AppFolder(
    {
      'app.mjs': `import { createAlerts } from '@tokenmeter/budgets'; import { NodeSDK } from '@opentelemetry/sdk-node';
        const onEmit = ({ eventName, severityNumber, body }) => console.log(eventName, severityNumber, body);
        const processor = { onEmit, forceFlush: async () => {}, shutdown: async () => {} };
        new NodeSDK({ logRecordProcessors: [processor], spanProcessors: [] }).start();
        const alerts = createAlerts({ settings: {}, log: console.log });
        alerts.tell({ identity: { budget: 'b', window: 'day', store: 's' }, state: 'WARN', threshold: 0.5, unit: 'calls',
          amount: 10n, spent: 6n, coverage: {}, window: { kind: 'calendar', start: 0, end: 1 }, at: 1, top: [], actions: ['event'] });`,
    },
    project.nodeModules,
  );
  const { stdout, stderr } = await runNode(app, ['app.mjs'], { OTEL_METRICS_EXPORTER: 'none' });
  expect(stderr).toBe('');
  expect(stdout).toBe('tokenmeter.budget.alert 13 Budget b was past 50%: 6 of 10 calls per day (60%)\n');
});
