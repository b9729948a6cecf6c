import { type FakeProvider, startFakeProvider } from '@tokenmeter/fake-provider';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AppFolder, client, type OtlpSink, otlp, REQUIRE, runNode, startOtlpSink } from './harness.ts';

let provider: FakeProvider;
let sink: OtlpSink;
let app: AppFolder;

beforeAll(async () => {
  provider = await startFakeProvider();
});
afterAll(() => provider.close());
beforeEach(async () => {
  sink = await startOtlpSink();
});
afterEach(async () => {
  await sink.close();
  app.remove();
});

/** What an app does that brings OpenTelemetry: its own service name tells its provider from ours. */
const OWN_SDK = `const api = require('@opentelemetry/api');
  const complaints = [];
  const log = (...args) => complaints.push(args.join(' '));
  api.diag.setLogger({ error: log, warn: log, info() {}, debug() {}, verbose() {} });
  const { NodeSDK } = require('@opentelemetry/sdk-node');
  const sdk = new NodeSDK({ serviceName: 'own' });
  sdk.start();
  process.on('exit', () => complaints.forEach((text) => console.log(text)));\n`;

const FINISH = `call().then(() => sdk.shutdown());`;

describe('an app that brings its own NodeSDK', () => {
  it.each([
    ['in its code, after our preload', [...REQUIRE, 'app.cjs'], `${OWN_SDK}`],
    ['in a preload after ours', [...REQUIRE, '--require', './own.cjs', 'app.cjs'], `const sdk = globalThis.ownSdk;`],
    ['in a preload before ours', ['--require', './own.cjs', ...REQUIRE, 'app.cjs'], `const sdk = globalThis.ownSdk;`],
  ])('%s, is joined: one provider, one span, no duplicate registration', async (_, args, head) => {
    app = new AppFolder({
      'own.cjs': `${OWN_SDK} globalThis.ownSdk = sdk;`,
      'app.cjs': `${head} ${client(provider)} ${FINISH}`,
    });
    const ended = await runNode(app, args, otlp(sink));
    expect(ended).toMatchObject({ code: 0, stderr: '', stdout: '' });
    expect(sink.calls()).toEqual([
      expect.objectContaining({ 'resource.service.name': 'own', 'tokenmeter.metered': true }),
    ]);
    expect(new Set(sink.metricResources().map((resource) => resource['service.name']))).toEqual(new Set(['own']));
    expect(sink.metricNames()).toContain('tokenmeter.calls');
    expect(app.ledger()).toEqual([]);
  });

  it('for traces alone: metrics that OTEL_* asks for are started beside it', async () => {
    app = new AppFolder({
      'app.cjs': `process.env.OTEL_METRICS_EXPORTER = 'none'; ${OWN_SDK} delete process.env.OTEL_METRICS_EXPORTER;
        ${client(provider)} ${FINISH}`,
    });
    const ended = await runNode(app, [...REQUIRE, 'app.cjs'], otlp(sink));
    expect(ended).toMatchObject({ code: 0, stderr: '', stdout: '' });
    expect(sink.calls()).toEqual([expect.objectContaining({ 'resource.service.name': 'own' })]);
    expect(sink.metricResources()[0]).toMatchObject({ 'service.name': 'test-app', 'tokenmeter.metered': true });
    expect(app.ledger()).toEqual([]);
  });

  it('for traces alone, and nothing asks for metrics: the ledger is written', async () => {
    app = new AppFolder({
      'app.cjs': `process.env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT = '${sink.url}/v1/traces'; process.env.OTEL_METRICS_EXPORTER = 'none';
        process.env.OTEL_LOGS_EXPORTER = 'none'; ${OWN_SDK} ${client(provider)} ${FINISH}`,
    });
    const ended = await runNode(app, [...REQUIRE, 'app.cjs'], { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' });
    expect(ended).toMatchObject({ code: 0, stderr: '', stdout: '' });
    expect(sink.calls()).toHaveLength(1);
    expect(sink.metricNames()).toEqual([]);
    expect(app.ledger()).toHaveLength(1);
    expect(app.ledger()[0]?.['span.traceId']).toBe(sink.calls()[0]?.['span.traceId']);
  });

  it('after its last call, is joined by flush()', async () => {
    app = new AppFolder({
      'app.cjs': `${client(provider)} const { flush } = require('tokenmeter');
        call().then(async () => { process.env.OTEL_EXPORTER_OTLP_ENDPOINT = process.env.OWN; ${OWN_SDK} await flush(); process.exit(0); });`,
    });
    const ended = await runNode(app, [...REQUIRE, 'app.cjs'], {
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OWN: sink.url,
    });
    expect(ended).toMatchObject({ code: 0, stderr: '', stdout: '' });
    expect(sink.metricNames()).toContain('tokenmeter.calls');
    expect(app.ledger()).toHaveLength(1);
  });

  it('with HTTP and Express instrumentations of its own keeps one server span per request', async () => {
    app = new AppFolder({
      'app.cjs': `${OWN_SDK.replace(
        `serviceName: 'own'`,
        `serviceName: 'own', instrumentations: [
          new (require('@opentelemetry/instrumentation-http').HttpInstrumentation)(),
          new (require('@opentelemetry/instrumentation-express').ExpressInstrumentation)()]`,
      )} ${client(provider)}
        const server = require('express')().get('/ask/:id', async (req, res) => { await call(); res.send('ok'); }).listen(0, async () => {
          await (await fetch('http://127.0.0.1:' + server.address().port + '/ask/1')).text();
          server.close(() => sdk.shutdown());
        });`,
    });
    const ended = await runNode(app, [...REQUIRE, 'app.cjs'], otlp(sink));
    expect(ended).toMatchObject({ code: 0, stderr: '', stdout: '' });
    expect(sink.spans().filter((span) => span['span.kind'] === 2)).toHaveLength(1);
    expect(sink.calls()).toEqual([expect.objectContaining({ 'tokenmeter.route': '/ask/:id' })]);
  });

  it('with HTTP instrumentation alone gets no instrumentation of ours', async () => {
    app = new AppFolder({
      'app.cjs': `${OWN_SDK.replace(
        `serviceName: 'own'`,
        `serviceName: 'own', instrumentations: [new (require('@opentelemetry/instrumentation-http').HttpInstrumentation)()]`,
      )} ${client(provider)}
        const server = require('express')().get('/ask/:id', async (req, res) => { await call(); res.send('ok'); }).listen(0, async () => {
          await (await fetch('http://127.0.0.1:' + server.address().port + '/ask/1')).text();
          console.log(Object.keys(require.cache).filter((path) => path.includes('instrumentation-undici')).length);
          server.close(() => sdk.shutdown());
        });`,
    });
    const ended = await runNode(app, [...REQUIRE, 'app.cjs'], otlp(sink));
    expect(ended).toMatchObject({ code: 0, stderr: '', stdout: '0\n' });
    expect(sink.spans().filter((span) => String(span.scope).includes('express'))).toEqual([]);
    expect(sink.spans().filter((span) => span['span.kind'] === 2)).toHaveLength(1);
    expect(sink.calls()).toHaveLength(1);
  });
});

describe('an app without OpenTelemetry', () => {
  it.each([
    ['CommonJS', 'app.cjs', `const express = require('express');`],
    [
      'ES module',
      'app.mjs',
      `import express from 'express'; import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`,
    ],
  ])('%s: the very first request has its server span, route and baggage', async (_, name, head) => {
    app = new AppFolder({
      [name]: `${head} ${client(provider)}
        const server = express().get('/ask/:id', async (req, res) => { await call(); res.send('ok'); }).listen(0, async () => {
          const headers = { baggage: 'tokenmeter.feature=from-upstream', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
          await (await fetch('http://127.0.0.1:' + server.address().port + '/ask/1', { headers })).text();
          server.close();
        });`,
    });
    const ended = await runNode(app, [...REQUIRE, name], otlp(sink));
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    const servers = sink.spans().filter((span) => span['span.kind'] === 2);
    expect(servers).toHaveLength(1);
    expect(sink.calls()).toEqual([
      expect.objectContaining({
        'tokenmeter.route': '/ask/:id',
        'tokenmeter.feature': 'from-upstream',
        'span.traceId': '0af7651916cd43dd8448eb211c80319c',
      }),
    ]);
  });
});
