import { type FakeProvider, startFakeProvider } from '@tokenmeter/fake-provider';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AppFolder, client, IMPORT, type OtlpSink, otlp, REQUIRE, runNode, startOtlpSink } from './harness.ts';

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

describe('without OTEL_*', () => {
  it('records the call in the ledger and opens no socket but the app’s own', async () => {
    const spy = `const net = require('node:net'); const connect = net.Socket.prototype.connect; const ports = [];
      net.Socket.prototype.connect = function (...args) { const o = args.flat()[0]; ports.push(Number(o.port ?? o)); return connect.apply(this, args); };
      const bind = net.Server.prototype.listen; net.Server.prototype.listen = function (...args) { ports.push('listen'); return bind.apply(this, args); };
      process.on('exit', () => console.log('ports ' + JSON.stringify([...new Set(ports)])));`;
    app = new AppFolder({ 'app.cjs': `${client(provider)} call();`, 'spy.cjs': spy });
    const ended = await runNode(app, ['--require', './spy.cjs', ...REQUIRE, 'app.cjs']);
    expect(ended).toMatchObject({ code: 0, stderr: '', stdout: `ports [${provider.port}]\n` });
    expect(app.ledger()).toEqual([
      expect.objectContaining({ 'gen_ai.request.model': 'gpt-4o-mini', 'resource.service.name': 'test-app' }),
    ]);
  });

  it('sees CommonJS and ES module apps, under --import as well', async () => {
    app = new AppFolder({
      'app.cjs': `${client(provider)} call();`,
      'app.mjs': `import OpenAI from 'openai';
        await new OpenAI({ apiKey: 'x', baseURL: '${provider.openaiBaseUrl}' }).chat.completions.create({ model: 'gpt-4o', messages: [] });`,
    });
    for (const preload of [REQUIRE, IMPORT]) {
      for (const script of ['app.cjs', 'app.mjs']) {
        const before = app.ledger().length;
        const ended = await runNode(app, [...preload, script]);
        expect(ended).toMatchObject({ code: 0, stderr: '' });
        expect(app.ledger().length - before, `${preload[0]} ${script}`).toBe(1);
      }
    }
  });

  it('sees code on the command line', async () => {
    app = new AppFolder({});
    for (const preload of [REQUIRE, IMPORT]) {
      const ended = await runNode(app, [...preload, '-e', `${client(provider)} call();`]);
      expect(ended).toMatchObject({ code: 0, stderr: '' });
    }
    expect(app.ledger()).toHaveLength(2);
  });

  it('sees an SDK that an earlier preload has loaded', async () => {
    app = new AppFolder({ 'early.cjs': `require('openai');`, 'app.cjs': `${client(provider)} call();` });
    const ended = await runNode(app, ['--require', './early.cjs', ...REQUIRE, 'app.cjs']);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(app.ledger()).toHaveLength(1);
  });

  it.each([
    ['in a thread of its own', `register('@opentelemetry/instrumentation/hook.mjs', import.meta.url);`],
    [
      'in the thread of the app',
      `supportsSyncHooks() ? registerHere({}) : register('import-in-the-middle/hook.mjs', import.meta.url);`,
    ],
  ])('stands beside another tool that hooks imports %s', async (_, install) => {
    app = new AppFolder({
      'tool.mjs': `import { register } from 'node:module';
        import { register as registerHere, supportsSyncHooks } from 'import-in-the-middle/register-hooks.mjs';
        import { Hook } from 'import-in-the-middle';
        ${install}
        new Hook(['openai'], () => console.log('seen'));`,
      // A CommonJS file below an ES module: what Node's early hooks in the thread of the app fell over.
      'outer.cjs': `require('./inner.cjs');`,
      'inner.cjs': `exports.inner = true;`,
      'app.mjs': `import './outer.cjs'; import OpenAI from 'openai';
        await new OpenAI({ apiKey: 'x', baseURL: '${provider.openaiBaseUrl}' }).chat.completions.create({ model: 'gpt-4o', messages: [] });`,
    });
    const tool = ['--no-warnings', '--import', './tool.mjs'];
    for (const preloads of [
      [...tool, ...IMPORT],
      [...IMPORT, ...tool],
      [...REQUIRE, ...tool],
    ]) {
      const before = app.ledger().length;
      const ended = await runNode(app, [...preloads, 'app.mjs']);
      expect(ended).toMatchObject({ code: 0, stderr: '', stdout: 'seen\n' });
      expect(app.ledger().length - before, preloads.join(' ')).toBe(1);
    }
  });

  it('counts once where register is preloaded twice', async () => {
    app = new AppFolder({ 'app.cjs': `${client(provider)} call();` });
    await runNode(app, [...REQUIRE, ...IMPORT, 'app.cjs']);
    expect(app.ledger()).toHaveLength(1);
  });
});

describe('switches', () => {
  it.each([{ TOKENMETER_DISABLED: '1' }, { OTEL_SDK_DISABLED: 'true' }])('%o patches nothing', async (env) => {
    app = new AppFolder({
      'app.cjs': `${client(provider)} call().then(() => console.log(client.chat.completions.create.toString().length > 0));`,
    });
    const ended = await runNode(app, [...REQUIRE, 'app.cjs'], { ...otlp(sink), ...env, TOKENMETER_SUMMARY: '1' });
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect([app.ledger(), app.statuses(), sink.spans(), sink.metricNames()]).toEqual([[], [], [], []]);
  });

  it('TOKENMETER_LEDGER overrides in both directions', async () => {
    app = new AppFolder({ 'app.cjs': `${client(provider)} call();` });
    await runNode(app, [...REQUIRE, 'app.cjs'], { TOKENMETER_LEDGER: '0' });
    expect(app.ledger()).toHaveLength(0);
    await runNode(app, [...REQUIRE, 'app.cjs'], { ...otlp(sink), TOKENMETER_LEDGER: '1' });
    expect(app.ledger()).toHaveLength(1);
  });
});

describe('signals that OTEL_* asks for', () => {
  it('are started where nobody has: spans and metrics arrive, the ledger is off', async () => {
    app = new AppFolder({ 'app.cjs': `${client(provider)} call();` });
    const ended = await runNode(app, [...REQUIRE, 'app.cjs'], otlp(sink));
    expect(ended).toMatchObject({ code: 0, stderr: '', stdout: '' });
    const calls = sink.calls();
    expect(calls).toEqual([
      expect.objectContaining({ 'resource.service.name': 'test-app', 'tokenmeter.metered': true }),
    ]);
    expect(sink.metricNames()).toContain('tokenmeter.calls');
    expect(sink.metricResources()[0]).toMatchObject({ 'service.name': 'test-app', 'tokenmeter.metered': true });
    expect(sink.metricResources()[0]?.['service.instance.id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(app.ledger()).toEqual([]);
  });

  it('speak protobuf by default', async () => {
    app = new AppFolder({ 'app.cjs': `${client(provider)} call();` });
    await runNode(app, [...REQUIRE, 'app.cjs'], { OTEL_EXPORTER_OTLP_ENDPOINT: sink.url });
    expect([...sink.contentTypes]).toEqual(['application/x-protobuf']);
  });

  it('are started alone: traces asked for, metrics not, so the ledger is written', async () => {
    app = new AppFolder({ 'app.cjs': `${client(provider)} call();` });
    await runNode(app, [...REQUIRE, 'app.cjs'], { ...otlp(sink), OTEL_METRICS_EXPORTER: 'none' });
    expect(sink.calls()).toHaveLength(1);
    expect(sink.metricNames()).toEqual([]);
    expect(app.ledger()).toHaveLength(1);
  });

  it('are started alone: metrics asked for, traces not', async () => {
    app = new AppFolder({ 'app.cjs': `${client(provider)} call();` });
    await runNode(app, [...REQUIRE, 'app.cjs'], { ...otlp(sink), OTEL_TRACES_EXPORTER: 'none' });
    expect(sink.spans()).toEqual([]);
    expect(sink.metricNames()).toContain('tokenmeter.calls');
    expect(app.ledger()).toEqual([]);
  });

  it('carry a call that nobody reads, as abandoned', async () => {
    app = new AppFolder({
      'app.cjs': `${client(provider)} client.chat.completions.create({ model: 'gpt-4o', messages: [] });`,
    });
    await runNode(app, [...REQUIRE, 'app.cjs'], otlp(sink));
    expect(sink.spans()).toContainEqual(
      expect.objectContaining({ 'gen_ai.request.model': 'gpt-4o', 'tokenmeter.outcome': 'abandoned' }),
    );
  });

  it('leave the app’s variables as they were', async () => {
    app = new AppFolder({
      'app.cjs': `${client(provider)} const before = JSON.stringify(process.env);
        call().then(() => console.log(before === JSON.stringify(process.env)));`,
    });
    const ended = await runNode(app, [...REQUIRE, 'app.cjs'], otlp(sink));
    expect(ended.stdout).toBe('true\n');
  });
});
