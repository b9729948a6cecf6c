import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { PassThrough, Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Context, context, type DiagLogger, diag, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CBaggagePropagator } from '@opentelemetry/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type AttributionInput,
  configureAttribution,
  currentAttribution,
  withAttribution,
  withFeature,
  withFrameworkAttribution,
  withoutBaggage,
  withRequest,
} from './index.ts';

const feature = (): string => currentAttribution().feature;

beforeEach(() => configureAttribution({ env: {} }));

// Everything that the context promises must hold without an OpenTelemetry SDK and with one.
describe.each([['no context manager'], ['a context manager']])('with %s', (kind) => {
  beforeEach(() => {
    if (kind === 'a context manager') context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  });
  afterEach(() => context.disable());

  it('is untagged where nobody said anything', () => {
    expect(currentAttribution()).toEqual({ feature: 'untagged' });
  });

  it('returns what the function returns, be it a value, a promise or an error', async () => {
    const promise = Promise.resolve(1);
    const value = { any: 'thing' };
    expect(withFeature('a', () => value)).toBe(value);
    expect(withFeature('a', () => promise)).toBe(promise);
    const error = new Error('from the app');
    expect(() =>
      withFeature('a', () => {
        throw error;
      }),
    ).toThrow(error);
    await expect(withFeature('a', () => Promise.reject(error))).rejects.toBe(error);
    expect(feature()).toBe('untagged');
  });

  it('holds across awaits, and ends with the function', async () => {
    await withFeature('a', async () => {
      await sleep(1);
      await null;
      expect(feature()).toBe('a');
    });
    expect(feature()).toBe('untagged');
  });

  it('keeps parallel requests apart', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `f${index}`);
    const seen = await Promise.all(
      names.map((name, index) =>
        withFeature(name, async () => {
          await sleep(index % 5);
          const inner = await Promise.all([1, 2].map(async () => sleep(1).then(feature)));
          return [...inner, feature()];
        }),
      ),
    );
    expect(seen).toEqual(names.map((name) => [name, name, name]));
  });

  it('holds in timers, microtasks, nextTick and immediates', async () => {
    const seen = await withFeature('a', () =>
      Promise.all([
        new Promise<string>((done) => setTimeout(() => done(feature()), 1)),
        new Promise<string>((done) => setImmediate(() => done(feature()))),
        new Promise<string>((done) => process.nextTick(() => done(feature()))),
        new Promise<string>((done) => queueMicrotask(() => done(feature()))),
      ]),
    );
    expect(seen).toEqual(['a', 'a', 'a', 'a']);
  });

  it('holds in the listeners of an emitter that emits in the context', async () => {
    const emitter = new EventEmitter();
    const seen: string[] = [];
    emitter.on('call', () => seen.push(feature()));
    await withFeature('a', async () => {
      await sleep(1);
      emitter.emit('call');
    });
    emitter.emit('call');
    expect(seen).toEqual(['a', 'untagged']);
  });

  it('holds in streams that are run in the context', async () => {
    const seen = new Set<string>();
    const probe = new Transform({
      objectMode: true,
      transform(chunk, _encoding, done) {
        seen.add(feature());
        setTimeout(() => done(null, chunk), 1);
      },
    });
    await withFeature('a', () =>
      pipeline(Readable.from([1, 2, 3]), probe, new PassThrough({ objectMode: true }).resume()),
    );
    expect([...seen]).toEqual(['a']);
  });

  it('covers the body of a generator that the function returns, not its consumer', async () => {
    async function* body(): AsyncGenerator<string> {
      yield feature();
      await sleep(1);
      yield feature();
    }
    const made = withFeature('a', body);
    const seen: string[] = [];
    for await (const inside of made) seen.push(inside, feature());
    expect(seen).toEqual(['a', 'untagged', 'a', 'untagged']);

    function* plain(): Generator<string, string, undefined> {
      try {
        yield feature();
      } finally {
        seen.push(`finally ${feature()}`);
      }
      return feature();
    }
    const first = withFeature('b', plain);
    expect([first.next().value, first.next().value]).toEqual(['b', 'b']);
    const left = withFeature('c', plain);
    for (const _ of left) break;
    expect(seen.slice(4)).toEqual(['finally b', 'finally c']);
    expect(withFeature('d', () => made)).toBe(made);
  });

  it('holds in an async iterator that is consumed in the context', async () => {
    const source = { [Symbol.asyncIterator]: () => ({ next: async () => ({ done: false, value: feature() }) }) };
    const seen = await withFeature('a', async () => {
      for await (const value of source) return value;
    });
    expect(seen).toBe('a');
  });

  it('merges nested contexts key by key, the nearest first', () => {
    withAttribution({ feature: 'a', tenant: 'acme', plan: 'pro' }, () => {
      withAttribution({ feature: 'b', user: 'u1' }, () => {
        withRequest('r1', () => {
          expect(currentAttribution()).toEqual({
            feature: 'b',
            tenant: 'acme',
            user: 'u1',
            request: 'r1',
            extra: { plan: 'pro' },
          });
        });
      });
      expect(currentAttribution()).toEqual({ feature: 'a', tenant: 'acme', extra: { plan: 'pro' } });
    });
  });

  it('lets the code win over framework metadata, however they are nested', () => {
    withFrameworkAttribution({ feature: 'framework', tenant: 'acme' }, () => {
      expect(currentAttribution()).toEqual({ feature: 'framework', tenant: 'acme' });
      withFeature('code', () => expect(currentAttribution()).toEqual({ feature: 'code', tenant: 'acme' }));
    });
    withFeature('code', () =>
      withFrameworkAttribution({ feature: 'framework', tenant: 'acme' }, () =>
        expect(currentAttribution()).toEqual({ feature: 'code', tenant: 'acme' }),
      ),
    );
  });
});

describe('the OTel context', () => {
  beforeEach(() => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    propagation.setGlobalPropagator(new W3CBaggagePropagator());
  });
  afterEach(() => {
    context.disable();
    propagation.disable();
  });

  const header = (active: Context): Record<string, string> => {
    const carrier: Record<string, string> = {};
    propagation.inject(active, carrier);
    return carrier;
  };

  it('carries the attribution where our own storage does not reach', () => {
    const queue: Context[] = [];
    withFeature('a', () => queue.push(context.active()));
    const otherRequest = new AsyncLocalStorage<number>();
    withFeature('b', () =>
      otherRequest.run(1, () => context.with(queue[0] ?? ROOT_CONTEXT, () => expect(feature()).toBe('a'))),
    );
  });

  it('carries what our own storage alone had when it was registered late', () => {
    context.disable();
    withFeature('a', () => {
      context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
      expect(feature()).toBe('a');
    });
  });

  it('sends feature, team and request to other services, and reads them there', () => {
    const sent = withAttribution(
      { feature: 'søk, med = tegn', team: 't', request: 'r', tenant: 'acme', user: 'u', session: 's' },
      () => header(context.active()),
    );
    expect(sent.baggage).not.toMatch(/acme|user|session/);
    const received = propagation.extract(ROOT_CONTEXT, sent);
    context.with(received, () =>
      expect(currentAttribution()).toEqual({ feature: 'søk, med = tegn', team: 't', request: 'r' }),
    );
  });

  it('sends and reads what the configuration allows, and nothing else', () => {
    configureAttribution({ env: {}, baggageKeys: ['tenant', 'plan'] });
    const sent = withAttribution({ feature: 'a', tenant: 'acme', plan: 'pro' }, () => header(context.active()));
    expect(sent).toEqual({ baggage: 'tokenmeter.tenant=acme,tokenmeter.plan=pro' });
    context.with(propagation.extract(ROOT_CONTEXT, { baggage: `${sent.baggage},tokenmeter.feature=evil` }), () =>
      expect(currentAttribution()).toEqual({ feature: 'untagged', tenant: 'acme', extra: { plan: 'pro' } }),
    );
  });

  it('leaves the baggage of the app in place, and takes it away for provider calls', () => {
    const app = propagation.setBaggage(ROOT_CONTEXT, propagation.createBaggage({ mine: { value: '1' } }));
    context.with(app, () =>
      withFeature('a', () => {
        expect(header(context.active())).toEqual({ baggage: 'mine=1,tokenmeter.feature=a' });
        expect(header(withoutBaggage(context.active()))).toEqual({});
        context.with(withoutBaggage(context.active()), () => expect(feature()).toBe('a'));
      }),
    );
  });

  it('never hands a propagator a value on which it throws', () => {
    const broken = `half a pair \ud800 ${'x'.repeat(242)}😀`;
    expect(() => withFeature(broken, () => header(context.active()))).not.toThrow();
  });

  it('does not pass the team of one feature on with another feature', () => {
    configureAttribution({ env: {}, features: { declared: { team: 'owners' } } });
    withAttribution({ feature: 'a', team: 'a-team' }, () =>
      withFeature('declared', () => {
        expect(currentAttribution()).toEqual({ feature: 'declared', team: 'owners' });
        expect(header(context.active())).toEqual({ baggage: 'tokenmeter.feature=declared' });
        withFeature('free', () => expect(currentAttribution()).toEqual({ feature: 'free' }));
      }),
    );
  });
});

describe('bad input', () => {
  const warnings: string[] = [];
  const logger: DiagLogger = {
    error: () => {},
    warn: (message) => warnings.push(message),
    info: () => {},
    debug: () => {},
    verbose: () => {},
  };
  beforeEach(() => {
    diag.setLogger(logger);
  });
  afterEach(() => diag.disable());

  it('is ignored with one warning of each kind, and the app runs on', () => {
    const inputs: unknown[] = [
      { feature: 42 },
      { feature: null },
      { tenant: {} },
      { feature: 'untagged' },
      { feature: ' untagged ' },
      null,
      'search',
      { feature: '   ', team: undefined },
      {
        get feature(): string {
          throw new Error('getter');
        },
      },
    ];
    for (const input of inputs) {
      expect(withAttribution(input as AttributionInput, () => currentAttribution())).toEqual({ feature: 'untagged' });
    }
    expect(withFeature(undefined as unknown as string, feature)).toBe('untagged');
    expect(warnings).toHaveLength(4);
    expect(warnings.every((warning) => warning.startsWith('tokenmeter: '))).toBe(true);
  });

  it('is cut to bounds', () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`k${index}`, 'v']));
    const long = withAttribution({ feature: `  ${'f'.repeat(300)}`, [`k${'x'.repeat(64)}`]: 'v' }, () =>
      currentAttribution(),
    );
    expect(long).toEqual({ feature: 'f'.repeat(256) });
    const extra = withAttribution(many, () => currentAttribution().extra);
    expect(Object.keys(extra ?? {})).toHaveLength(32);
  });

  it('keeps a key that objects have by nature a plain key', () => {
    const input = JSON.parse('{"__proto__":"x","constructor":"y"}') as AttributionInput;
    const { extra } = withAttribution(input, () => currentAttribution());
    expect(Object.entries(extra ?? {})).toEqual(expect.arrayContaining([['constructor', 'y']]));
    expect(Object.getPrototypeOf(extra)).toBe(Object.prototype);
  });
});

describe('spans', () => {
  it('are not needed', () => {
    expect(trace.getActiveSpan()).toBeUndefined();
    expect(withFeature('a', feature)).toBe('a');
  });
});
