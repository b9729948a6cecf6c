import { type FakeProvider, startFakeProvider } from '@tokenmeter/fake-provider';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AppFolder, client, REQUIRE, runNode } from './harness.ts';

let provider: FakeProvider;
let app: AppFolder;

beforeAll(async () => {
  provider = await startFakeProvider();
});
afterAll(() => provider.close());
afterEach(() => app.remove());

describe('tokenmeter.yaml', () => {
  it('gives a feature by route and its team, without any OTEL_*', async () => {
    app = new AppFolder({
      'tokenmeter.yaml': 'features:\n  search: { team: discovery }\nroutes:\n  /find/:id: search\n',
      'app.cjs': `const express = require('express'); ${client(provider)}
        const server = express().get('/find/:id', async (req, res) => { await call(); res.send('ok'); }).listen(0, async () => {
          await (await fetch('http://127.0.0.1:' + server.address().port + '/find/1')).text();
          server.close();
        });`,
    });
    const ended = await runNode(app, [...REQUIRE, 'app.cjs']);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(app.ledger()).toEqual([
      expect.objectContaining({
        'tokenmeter.feature': 'search',
        'tokenmeter.team': 'discovery',
        'tokenmeter.route': '/find/:id',
      }),
    ]);
  });

  it('with a mistake is named once, by the first of all processes, and the app runs with defaults', async () => {
    app = new AppFolder({
      'tokenmeter.yaml': 'features:\n  search: { tea: discovery }\n',
      'app.cjs': `const { fork } = require('node:child_process'); ${client(provider)}
        call().then(() => process.argv[2] ? process.disconnect() : fork(__filename, ['child']));`,
    });
    const ended = await runNode(app, [...REQUIRE, 'app.cjs']);
    expect(ended).toMatchObject({ code: 0, stdout: '' });
    expect(ended.stderr.match(/tokenmeter\.yaml:2/g)).toHaveLength(1);
    expect(ended.stderr).toContain('tea');
    expect(app.ledger()).toHaveLength(2);
  });

  it('with a price that makes no sense keeps everything else', async () => {
    app = new AppFolder({
      'tokenmeter.yaml': 'features: { search: { team: discovery } }\nprices: { discounts: { openai: 250% } }\n',
      'app.cjs': `const { withFeature } = require('tokenmeter'); ${client(provider)} withFeature('search', () => call());`,
    });
    const ended = await runNode(app, [...REQUIRE, 'app.cjs']);
    expect(ended).toMatchObject({ code: 0, stdout: '' });
    expect(ended.stderr).toMatch(/^tokenmeter: .*250/);
    expect(app.ledger()[0]).toMatchObject({ 'tokenmeter.cost.status': 'priced' });
  });
});

/** Makes a package unfindable, as if npm had not installed it. */
const WITHOUT = (name: string): string =>
  `const Module = require('node:module'); const resolve = Module._resolveFilename;
   Module._resolveFilename = function (request, ...rest) {
     if (request === '${name}') throw Object.assign(new Error("Cannot find module '${name}'"), { code: 'MODULE_NOT_FOUND' });
     return resolve.call(this, request, ...rest);
   };`;

describe('OpenTelemetry packages that do not fit', () => {
  it('missing SDK: one warning with the line that installs it, the ledger is on', async () => {
    app = new AppFolder({
      'without.cjs': WITHOUT('@opentelemetry/sdk-node'),
      'app.cjs': `${client(provider)} call().then(call);`,
    });
    const ended = await runNode(app, ['--require', './without.cjs', ...REQUIRE, 'app.cjs'], {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    });
    expect(ended).toMatchObject({ code: 0, stdout: '' });
    expect(ended.stderr.trim().split('\n')).toEqual([
      expect.stringMatching(
        /^tokenmeter: .*@opentelemetry\/sdk-node is not installed.*npm install @opentelemetry\/sdk-node$/,
      ),
    ]);
    expect(app.ledger()).toHaveLength(2);
  });

  it('an SDK that breaks while it loads: the same', async () => {
    app = new AppFolder({
      'broken.cjs': `const Module = require('node:module'); const load = Module._load;
        Module._load = function (request, ...rest) {
          if (request === '@opentelemetry/sdk-node') throw new TypeError("Cannot read properties of undefined (reading 'UNSPECIFIED')");
          return load.call(this, request, ...rest);
        };`,
      'app.cjs': `${client(provider)} call();`,
    });
    const ended = await runNode(app, ['--require', './broken.cjs', ...REQUIRE, 'app.cjs'], {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    });
    expect(ended).toMatchObject({ code: 0, stdout: '' });
    expect(ended.stderr).toMatch(/^tokenmeter: .*reading 'UNSPECIFIED'.*npm install/);
    expect(app.ledger()).toHaveLength(1);
  });

  it('missing HTTP instrumentation: the call is recorded, without a route', async () => {
    app = new AppFolder({
      'without.cjs': WITHOUT('@opentelemetry/instrumentation-http'),
      'app.cjs': `${client(provider)} call();`,
    });
    const ended = await runNode(app, ['--require', './without.cjs', ...REQUIRE, 'app.cjs'], {
      OTEL_TRACES_EXPORTER: 'console',
    });
    expect(ended.code).toBe(0);
    expect(ended.stderr).toMatch(
      /^tokenmeter: Routes and baggage .* @opentelemetry\/instrumentation-http did not start .*npm install @opentelemetry\/instrumentation-http\n$/,
    );
    expect(app.ledger()).toHaveLength(1);
  });
});

describe('OTEL_CONFIG_FILE', () => {
  it('starts what it says, and its metrics switch the ledger off', async () => {
    app = new AppFolder({
      'otel.yaml': `file_format: "1.0"\nmeter_provider:\n  readers:\n    - periodic: { exporter: { console: {} } }\n`,
      'app.cjs': `${client(provider)} call();`,
    });
    const ended = await runNode(app, [...REQUIRE, 'app.cjs'], { OTEL_CONFIG_FILE: 'otel.yaml' });
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toContain('tokenmeter.calls');
    expect(app.ledger()).toEqual([]);
  });

  it('that cannot be read is named, and the ledger is on', async () => {
    app = new AppFolder({ 'app.cjs': `${client(provider)} call();` });
    const ended = await runNode(app, [...REQUIRE, 'app.cjs'], { OTEL_CONFIG_FILE: 'missing.yaml' });
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain('OTEL_CONFIG_FILE=missing.yaml');
    expect(app.ledger()).toHaveLength(1);
  });
});
