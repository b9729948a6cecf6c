import { type FakeProvider, startFakeProvider } from '@tokenmeter/fake-provider';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  AppFolder,
  client,
  type Listening,
  listen,
  type OtlpSink,
  otlp,
  REQUIRE,
  runNode,
  start,
  startOtlpSink,
} from './harness.ts';

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

/** Waits for a signal, with one call done. */
const SERVER = (handler = ''): string =>
  `${client(provider)} ${handler} setInterval(() => {}, 1000); call().then(() => console.log('ready'));`;

describe('SIGTERM and SIGINT', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('%s flushes OTLP, then kills as it would without us', async (signal) => {
    app = new AppFolder({ 'app.cjs': SERVER() });
    const running = start(app, [...REQUIRE, 'app.cjs'], { ...otlp(sink), TOKENMETER_LEDGER: '1' });
    await running.printed('ready');
    running.child.kill(signal);
    expect(await running.ended).toMatchObject({ code: null, signal, stderr: '' });
    expect(sink.calls()).toHaveLength(1);
    expect(sink.metricNames()).toContain('tokenmeter.calls');
    expect(app.ledger()).toHaveLength(1);
  });

  it('leave the decision to a handler of the app', async () => {
    app = new AppFolder({ 'app.cjs': SERVER(`process.on('SIGTERM', () => setTimeout(() => process.exit(7), 100));`) });
    const running = start(app, [...REQUIRE, 'app.cjs']);
    await running.printed('ready');
    running.child.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ code: 7, signal: null });
    expect(app.ledger()).toHaveLength(1);
  });

  it('do not wait for the package signal-exit, which waits for us', async () => {
    // As signal-exit 4 does it: it kills the process when it finds no listener but its own.
    const signalExit = `const emitter = { count: 1 }; globalThis[Symbol.for('signal-exit emitter')] = emitter;
      const listener = () => {
        if (process.listeners('SIGTERM').length !== emitter.count) return;
        process.removeListener('SIGTERM', listener);
        process.kill(process.pid, 'SIGTERM');
      };
      process.on('SIGTERM', listener);`;
    app = new AppFolder({ 'app.cjs': SERVER(signalExit) });
    const running = start(app, [...REQUIRE, 'app.cjs']);
    await running.printed('ready');
    running.child.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ code: null, signal: 'SIGTERM' });
  });

  it('wait a bounded time for a backend that does not answer', async () => {
    const { server, url } = await deaf();
    app = new AppFolder({ 'app.cjs': SERVER() });
    const running = start(app, [...REQUIRE, 'app.cjs'], { OTEL_EXPORTER_OTLP_ENDPOINT: url });
    await running.printed('ready');
    const before = Date.now();
    running.child.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ signal: 'SIGTERM' });
    expect(Date.now() - before).toBeLessThan(6000);
    await server.close();
  });
});

describe('process.exit()', () => {
  it('loses no call of the ledger: ended, open, and the very first one', async () => {
    app = new AppFolder({
      'app.cjs': `${client(provider)} Promise.all([call(), call()]).then(() => { hang(); process.exit(3); });`,
      'first.cjs': `${client(provider)} hang(); process.exit(0);`,
    });
    expect(await runNode(app, [...REQUIRE, 'app.cjs'])).toMatchObject({ code: 3, stderr: '' });
    expect(outcomes()).toEqual(['abandoned', 'completed', 'completed']);
    expect(await runNode(app, [...REQUIRE, 'first.cjs'])).toMatchObject({ code: 0, stderr: '' });
    expect(outcomes()).toEqual(['abandoned', 'abandoned', 'completed', 'completed']);
  });

  it('after an uncaught error keeps the error, its exit code and the ledger', async () => {
    app = new AppFolder({ 'app.cjs': `${client(provider)} call().then(() => { throw new Error('boom'); });` });
    const ended = await runNode(app, [...REQUIRE, 'app.cjs']);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('Error: boom');
    expect(outcomes()).toEqual(['completed']);
  });

  it('needs flush() before it for OTLP, and flush() is enough', async () => {
    app = new AppFolder({
      'app.cjs': `${client(provider)} const { flush } = require('tokenmeter'); call().then(flush).then(() => process.exit(0));`,
    });
    await runNode(app, [...REQUIRE, 'app.cjs'], otlp(sink));
    expect(sink.calls()).toHaveLength(1);
    expect(sink.metricNames()).toContain('tokenmeter.calls');
  });
});

describe('several threads and processes', () => {
  it('worker threads record their own calls, each once', async () => {
    app = new AppFolder({
      'app.cjs': `const { Worker, isMainThread } = require('node:worker_threads'); ${client(provider)}
        call(isMainThread ? 'gpt-4o' : 'gpt-4o-mini');
        if (isMainThread) for (let n = 0; n < 2; n += 1) new Worker(__filename);`,
    });
    expect(await runNode(app, [...REQUIRE, 'app.cjs'])).toMatchObject({ code: 0, stderr: '' });
    expect(models()).toEqual(['gpt-4o', 'gpt-4o-mini', 'gpt-4o-mini']);
    expect(new Set(app.ledger().map((call) => call['resource.service.instance.id'])).size).toBe(3);
  });

  it('cluster workers have ids of their own, even where one variable names them all', async () => {
    app = new AppFolder({
      'app.cjs': `const cluster = require('node:cluster'); ${client(provider)}
        if (cluster.isPrimary) for (let n = 0; n < 2; n += 1) cluster.fork(); else call().then(() => cluster.worker.disconnect());`,
    });
    const env = { ...otlp(sink), OTEL_RESOURCE_ATTRIBUTES: 'service.instance.id=pod-1,team=search' };
    expect(await runNode(app, [...REQUIRE, 'app.cjs'], env)).toMatchObject({ code: 0, stderr: '' });
    const ids = sink.metricResources().map((resource) => resource['service.instance.id']);
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(/^pod-1-[0-9a-f-]{36}$/);
    expect(sink.metricResources()[0]).toMatchObject({ team: 'search' });
  });

  it('print one summary, of all, on stderr alone', async () => {
    app = new AppFolder({
      'app.cjs': `const { Worker, isMainThread } = require('node:worker_threads'); const { fork } = require('node:child_process');
        const { withFeature } = require('tokenmeter'); ${client(provider)}
        withFeature(isMainThread ? process.argv[2] ?? 'parent' : 'thread', () => call()).then(() => {
          console.log('done');
          if (!isMainThread || process.argv[2]) return process.channel && process.disconnect();
          new Worker(__filename); fork(__filename, ['child']);
        });`,
    });
    const ended = await runNode(app, [...REQUIRE, 'app.cjs'], { TOKENMETER_SUMMARY: '1' });
    expect(ended).toMatchObject({ code: 0, stdout: 'done\ndone\ndone\n' });
    expect(ended.stderr.match(/── tokenmeter/g)).toHaveLength(1);
    expect(ended.stderr).toContain('3 calls');
    for (const feature of ['parent', 'thread', 'child']) expect(ended.stderr).toContain(feature);
    expect(await runNode(app, [...REQUIRE, 'app.cjs'])).toMatchObject({ stderr: '' });
  });
});

function outcomes(): unknown[] {
  return app
    .ledger()
    .map((call) => call['tokenmeter.outcome'])
    .sort();
}

function models(): unknown[] {
  return app
    .ledger()
    .map((call) => call['gen_ai.request.model'])
    .sort();
}

/** A backend that takes requests and never answers. */
async function deaf(): Promise<{ server: Listening; url: string }> {
  const server = await listen(() => {});
  return { server, url: server.url };
}
