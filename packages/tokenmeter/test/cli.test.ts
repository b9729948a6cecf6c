import { fileURLToPath } from 'node:url';
import { type FakeProvider, startFakeProvider } from '@tokenmeter/fake-provider';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AppFolder, client, runNode, start } from './harness.ts';

const CLI = fileURLToPath(new URL('../dist/cli.mjs', import.meta.url));

let provider: FakeProvider;
let app: AppFolder;

beforeAll(async () => {
  provider = await startFakeProvider();
});
afterAll(() => provider.close());
afterEach(() => app.remove());

describe('tokenmeter run', () => {
  it('records the app and passes on its output, arguments and exit code', async () => {
    app = new AppFolder({
      'app.cjs': `${client(provider)} call().then(() => { console.log(process.argv.slice(2).join()); process.exit(9); });`,
    });
    const ended = await runNode(app, [CLI, 'run', '--', process.execPath, 'app.cjs', '--json', 'a b']);
    expect(ended).toMatchObject({ code: 9, stdout: '--json,a b\n', stderr: '' });
    expect(app.ledger()).toHaveLength(1);
  });

  it('keeps NODE_OPTIONS that are there', async () => {
    app = new AppFolder({
      'own.cjs': `console.log('own preload');`,
      'app.mjs': `import OpenAI from 'openai';
        await new OpenAI({ apiKey: 'x', baseURL: '${provider.openaiBaseUrl}' }).chat.completions.create({ model: 'gpt-4o', messages: [] });`,
    });
    const env = { NODE_OPTIONS: '--require ./own.cjs' };
    const ended = await runNode(app, [CLI, 'run', process.execPath, 'app.mjs'], env);
    // The command line itself is a Node process, too.
    expect(ended).toMatchObject({ code: 0, stdout: 'own preload\nown preload\n', stderr: '' });
    expect(app.ledger()).toHaveLength(1);
  });

  it('passes on signals, and ends as a shell would say it', async () => {
    app = new AppFolder({
      'app.cjs': `${client(provider)} setInterval(() => {}, 1000); call().then(() => console.log('ready'));`,
    });
    const running = start(app, [CLI, 'run', '--', process.execPath, 'app.cjs']);
    await running.printed('ready');
    running.child.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ code: 143 });
    expect(app.ledger()).toHaveLength(1);
  });

  it('says which program is missing', async () => {
    app = new AppFolder({});
    const ended = await runNode(app, [CLI, 'run', '--', 'no-such-program']);
    expect(ended).toMatchObject({ code: 127 });
    expect(ended.stderr).toContain('no-such-program');
  });
});

describe('tokenmeter doctor', () => {
  it('runs the app, names what is patched, where data goes and the line that needs a feature', async () => {
    app = new AppFolder({ 'app.cjs': `${client(provider)} call('no-such-model');` });
    const ended = await runNode(app, [CLI, 'doctor', '--', process.execPath, 'app.cjs']);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/^tokenmeter: the model "no-such-model" of openai has no price[^\n]*\n$/);
    expect(ended.stdout.match(/no-such-model/g)).toHaveLength(1);
    expect(ended.stdout).toMatch(/patched\s+openai 7\.\d+\.\d+: chat\.completions\.create/);
    expect(ended.stdout).toMatch(/ledger\s+\S+\.tokenmeter \(no metrics leave the process\)/);
    expect(ended.stdout).toMatch(/1 call at \S*app\.cjs:\d+ has no feature/);
  });

  it('reads what processes left, and is content with a tagged app', async () => {
    app = new AppFolder({
      'app.cjs': `const { withFeature } = require('tokenmeter'); ${client(provider)} withFeature('search', () => call());`,
    });
    await runNode(app, ['--require', 'tokenmeter/register', 'app.cjs']);
    const ended = await runNode(app, [CLI, 'doctor']);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toContain('Nothing needs a hand.');
  });

  it('tells an app without an SDK from one without register', async () => {
    app = new AppFolder({ 'app.cjs': `console.log('hello');` });
    const withoutSdk = await runNode(app, [CLI, 'doctor', '--', process.execPath, 'app.cjs']);
    expect(withoutSdk.code).toBe(1);
    expect(withoutSdk.stdout).toContain('No process has loaded an LLM SDK');
    const disabled = await runNode(app, [CLI, 'doctor', '--', process.execPath, 'app.cjs'], {
      TOKENMETER_DISABLED: '1',
    });
    expect(disabled.code).toBe(1);
    expect(disabled.stdout).toContain('register did not run in it');
  });

  it('misses service.instance.id on a provider that the app brings', async () => {
    app = new AppFolder({
      'app.cjs': `const { metrics } = require('@opentelemetry/api'); const { MeterProvider } = require('@opentelemetry/sdk-metrics');
        metrics.setGlobalMeterProvider(new MeterProvider()); ${client(provider)} call();`,
    });
    const ended = await runNode(app, [CLI, 'doctor', '--', process.execPath, 'app.cjs']);
    expect(ended.code).toBe(1);
    expect(ended.stdout).toContain('has no service.instance.id');
    expect(ended.stdout).toMatch(/metrics\s+the app’s own provider/);
  });
});
