/** An instrumentation of somebody else's on the same methods: the call is counted once, and a person is told. */
import { type FakeProvider, startFakeProvider } from '@tokenmeter/fake-provider';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { AppFolder, client, type OtlpSink, otlp, REQUIRE, runNode, startOtlpSink } from './harness.ts';

let provider: FakeProvider;
let sink: OtlpSink;
let app: AppFolder;

beforeAll(async () => {
  provider = await startFakeProvider();
});
afterAll(() => provider?.close());
beforeEach(async () => {
  sink = await startOtlpSink();
});
afterEach(async () => {
  await sink.close();
  app.remove();
});

/** Wraps by the base class that OpenTelemetry's instrumentations and those of vendors share. */
const OTHER = `
  const { InstrumentationBase } = require('@opentelemetry/instrumentation');
  class Other extends InstrumentationBase {
    init() {}
    wrap(prototype) {
      this._wrap(prototype, 'create', (create) => function (...args) { return create.apply(this, args); });
    }
  }
  const wrap = (sdk) => new Other('other', '1.0.0', {}).wrap(sdk.OpenAI.Chat.Completions.prototype);`;

const WARNING =
  /^tokenmeter: another instrumentation wraps openai, too: .* OTEL_NODE_DISABLED_INSTRUMENTATIONS=openai\.$/;

const stderrOf = async (code: string, args: readonly string[]): Promise<string> => {
  app = new AppFolder({ 'app.cjs': code });
  const ended = await runNode(app, [...args, 'app.cjs'], otlp(sink));
  expect(ended).toMatchObject({ code: 0, stdout: '' });
  return ended.stderr.trim();
};

test('outside ours: one warning, one count', async () => {
  const stderr = await stderrOf(
    `${client(provider)} ${OTHER} wrap(require('openai')); call().then(() => call());`,
    REQUIRE,
  );
  expect(stderr).toMatch(WARNING);
  expect(sink.lastSum('tokenmeter.calls')).toBe(2);
});

test('within ours: the same', async () => {
  const stderr = await stderrOf(
    `${OTHER} wrap(require('openai')); require('tokenmeter').instrument(require('openai').OpenAI);
      require('tokenmeter/register'); ${client(provider)} call();`,
    [],
  );
  expect(stderr).toMatch(WARNING);
  expect(sink.lastSum('tokenmeter.calls')).toBe(1);
});

test('nobody else: nothing is said', async () => {
  expect(await stderrOf(`${client(provider)} call();`, REQUIRE)).toBe('');
});
