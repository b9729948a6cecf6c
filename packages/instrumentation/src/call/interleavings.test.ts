/**
 * Streams of real SDKs, over bodies that the fake provider sent once and memory repeats: whatever an app does to a stream,
 * in whatever order and without waiting, its call ends once.
 */
import type { CallRecord } from '@tokenmeter/ledger';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Lab, loadSdk, openLab } from '../testing/lab.ts';
import { openCallCount } from './runtime.ts';

type Fetch = typeof globalThis.fetch;
type Create<Stream> = (params: object) => Promise<Stream>;
type WithController = AsyncIterable<unknown> & { readonly controller: AbortController };

/** A streamed answer, and how an app aborts it. */
interface Opened {
  readonly stream: AsyncIterable<unknown>;
  abort(): void;
}

interface Sdk {
  readonly name: string;
  /** What the app does first. A generator around the SDK's own that is closed unread closes nothing: the collector ends it. */
  readonly first?: readonly Step[];
  /** Makes a streamed call through that `fetch`. */
  open(lab: Lab, fetch: Fetch): Promise<Opened>;
}

const PROMPT = { role: 'user', content: 'Hello meter.' };
/** A step that throws into an iterator makes the SDKs say that the event before it was no JSON. */
const QUIET = { apiKey: 'test', maxRetries: 0, logLevel: 'off' };

const opened = (stream: WithController): Opened => ({ stream, abort: () => stream.controller.abort() });

const openai = (folder: 'openai-6' | 'openai-7', api: 'chat' | 'responses'): Sdk => {
  const OpenAI = loadSdk<{
    readonly chat: { readonly completions: { readonly create: Create<WithController> } };
    readonly responses: { readonly create: Create<WithController> };
  }>(folder);
  return {
    name: `${folder} ${api}`,
    async open({ provider }, fetch) {
      const { chat, responses } = new OpenAI({ ...QUIET, baseURL: provider.openaiBaseUrl, fetch });
      const given = { model: 'gpt-4o-mini', stream: true };
      if (api === 'chat') return opened(await chat.completions.create({ ...given, messages: [PROMPT] }));
      return opened(await responses.create({ ...given, input: PROMPT.content }));
    },
  };
};

const anthropic = (folder: 'anthropic-0' | 'anthropic-1'): Sdk => {
  const Anthropic = loadSdk<{ readonly messages: { readonly create: Create<WithController> } }>(folder);
  const given = { model: 'claude-opus-5', max_tokens: 50, stream: true, messages: [PROMPT] };
  return {
    name: folder,
    async open({ provider }, fetch) {
      const { messages } = new Anthropic({ ...QUIET, baseURL: provider.anthropicBaseUrl, fetch });
      return opened(await messages.create(given));
    },
  };
};

const google = (): Sdk => {
  const GoogleGenAI = loadSdk<{ readonly models: { readonly generateContentStream: Create<AsyncGenerator> } }>(
    'google-genai-3',
  );
  return {
    name: 'google-genai-3',
    first: [{ does: 'next', of: 0, waits: true }],
    async open({ provider }, fetch) {
      // It takes no `fetch` of the app's.
      vi.stubGlobal('fetch', fetch);
      const { models } = new GoogleGenAI({ apiKey: 'test', httpOptions: { baseUrl: provider.geminiBaseUrl } });
      const controller = new AbortController();
      const stream = await models.generateContentStream({
        model: 'gemini-2.5-flash',
        contents: PROMPT.content,
        config: { abortSignal: controller.signal },
      });
      return { stream, abort: () => controller.abort() };
    },
  };
};

const SDKS: readonly Sdk[] = [
  openai('openai-6', 'chat'),
  openai('openai-7', 'chat'),
  openai('openai-7', 'responses'),
  anthropic('anthropic-0'),
  anthropic('anthropic-1'),
  google(),
];

/** What the body does after so many events: goes on to its end, or dies. */
interface Body {
  readonly events: number;
  readonly dies: boolean;
}

const STEPS = ['next', 'return', 'throw', 'abort'] as const;

/** What an app does to an iterator, and whether it waits for what comes of it. */
interface Step {
  readonly does: (typeof STEPS)[number];
  /** Which of two iterators of the stream: an SDK refuses the second. */
  readonly of: 0 | 1;
  readonly waits: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  does: fc.oneof({ weight: 3, arbitrary: fc.constant('next' as const) }, fc.constantFrom(...STEPS)),
  of: fc.oneof({ weight: 4, arbitrary: fc.constant(0 as const) }, fc.constant(1 as const)),
  waits: fc.boolean(),
});

const body: fc.Arbitrary<Body> = fc.record({ events: fc.nat(8), dies: fc.boolean() });

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
beforeEach(() => lab.begin());
afterEach(() => vi.unstubAllGlobals());
afterAll(() => lab.close());

describe.each(SDKS)('$name', (sdk) => {
  test('any interleaving of next, return, throw and abort ends the call exactly once', async () => {
    const events = await record(sdk);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), body, async (steps, given) => {
        const { records } = await played(sdk, steps, given, events);
        expect(records).toHaveLength(1);
        expect(openCallCount()).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  test('its outcome is the first end that the app could see', async () => {
    const events = await record(sdk);
    const alone = fc.array(
      step.map(({ does }): Step => ({ does, of: 0, waits: true })),
      { maxLength: 14 },
    );
    await fc.assert(
      fc.asyncProperty(alone, body, async (steps, given) => {
        const { records, seen } = await played(sdk, steps, given, events);
        expect(records.map(({ outcome }) => outcome)).toEqual([seen]);
      }),
      { numRuns: 40 },
    );
  });
});

/** The events of a whole answer of the fake provider. */
async function record(sdk: Sdk): Promise<readonly string[]> {
  lab.provider.next({ chunks: 8 });
  let text = '';
  const { fetch: real } = globalThis;
  const recorder: Fetch = async (...args) => {
    const response = await real(...args);
    text = await response.text();
    return new Response(text, response);
  };
  for await (const _ of (await sdk.open(lab, recorder)).stream);
  lab.records.length = 0;
  const events = text.split(/\r?\n\r?\n/).filter((event) => event !== '');
  expect(events.length).toBeGreaterThan(5);
  return events.map((event) => `${event}\n\n`);
}

/** A `fetch` that sends the events one by one as they are asked for; as a real one, it fails the body of an aborted request. */
function replay(events: readonly string[], { events: count, dies }: Body): Fetch {
  const encoder = new TextEncoder();
  return async (_, init) => {
    let at = 0;
    const stream = new ReadableStream(
      {
        start(controller) {
          init?.signal?.addEventListener('abort', () => controller.error(new DOMException('Aborted', 'AbortError')));
        },
        pull(controller) {
          if (dies && at === count) controller.error(new TypeError('terminated'));
          else if (at === events.length) controller.close();
          else controller.enqueue(encoder.encode(events[at++]));
        },
      },
      { highWaterMark: 0 },
    );
    return new Response(stream, { headers: { 'content-type': 'text/event-stream' } });
  };
}

interface Played {
  readonly records: readonly CallRecord[];
  /** What the app saw first that ends a stream. Known where it waited for every step. */
  readonly seen: string;
}

/** Lets an app take those steps; in the end it leaves. */
async function played(sdk: Sdk, steps: readonly Step[], given: Body, events: readonly string[]): Promise<Played> {
  lab.records.length = 0;
  const { stream, abort } = await sdk.open(lab, replay(events, given));
  const iterators = [stream[Symbol.asyncIterator](), stream[Symbol.asyncIterator]()] as const;
  const pending: Promise<unknown>[] = [];
  let seen: string | undefined;
  for (const { does, of, waits } of [...(sdk.first ?? []), ...steps]) {
    if (does === 'abort') {
      abort();
      seen ??= 'canceled';
      continue;
    }
    const argument = does === 'throw' ? [new Error('by the app')] : [];
    const result = iterators[of][does]?.(...(argument as [])).then(
      ({ done }) => {
        if (done) seen ??= does === 'next' ? 'completed' : 'canceled';
      },
      () => {
        seen ??= does === 'next' ? 'failed' : 'canceled';
      },
    );
    if (waits) await result;
    else if (result) pending.push(result);
  }
  for (const iterator of iterators) pending.push(Promise.resolve(iterator.return?.()));
  await Promise.allSettled(pending);
  // The generator that openai 7 wraps around a chat stream is such a one, but there the abort is seen.
  abort();
  return { records: [...lab.records], seen: seen ?? 'canceled' };
}
