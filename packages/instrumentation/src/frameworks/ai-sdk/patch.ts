/**
 * Vercel AI SDK 5, 6 and 7. Its providers make requests of their own, and its functions can't be reached from outside: an
 * ES module's exports can't be replaced. So its module hands over some of its functions by name (`rebinds`):
 *
 * - those that the app calls: what the app gives as metadata becomes attribution of all that happens in them
 * - those that turn what the app gives as `model` into a model: its calls are counted from then on
 * - those that put middleware around a model: what counts is what the model inside does, since middleware may answer from
 *   a cache or ask twice
 */
import { withFrameworkAttribution } from '../../attribution/index.ts';
import { alike } from '../../call/alike.ts';
import { guard } from '../../call/guard.ts';
import type { OwnSdk } from '../../patching/sdk.ts';
import { bag } from '../../providers/read.ts';
import { frameworkAttribution } from '../metadata.ts';
import { countModel, isWrapper, type Kind } from './models.ts';

type Function = (...args: unknown[]) => unknown;

const ENTRIES = [
  'generateText',
  'streamText',
  'generateObject',
  'streamObject',
  'embed',
  'embedMany',
  'rerank',
  'generateImage',
  'generateSpeech',
  'transcribe',
];

const RESOLVERS: Readonly<Record<string, Kind>> = {
  resolveLanguageModel: 'language',
  resolveEmbeddingModel: 'embedding',
};

const WRAPPERS: Readonly<Record<string, Kind>> = {
  wrapLanguageModel: 'language',
  wrapEmbeddingModel: 'embedding',
};

export const aiSdk: OwnSdk = {
  name: 'ai',
  tested: { from: '5.0.277', to: '7.0.173' },
  rebinds: [...ENTRIES, ...Object.keys(RESOLVERS), ...Object.keys(WRAPPERS)],
  rebind(name, original) {
    const [resolves, wraps] = [RESOLVERS[name], WRAPPERS[name]];
    if (resolves) return resolving(original, resolves);
    return wraps ? wrapping(original, wraps) : entering(original);
  },
  /** The module has handed its functions over by the time that it is loaded. */
  patch(exported) {
    const { generateText, streamText } = bag(exported) ?? {};
    if (typeof generateText !== 'function' || typeof streamText !== 'function') return undefined;
    const done = [generateText, streamText].filter((entry) => entered.has(entry));
    return done.length > 0 ? done.map(({ name }) => name) : undefined;
  },
};

const entered = new WeakSet<object>();

function entering(original: Function): Function {
  const wrapped = alike(
    function (this: unknown, ...args) {
      const said = guard(() => {
        const { runtimeContext, experimental_telemetry, telemetry = experimental_telemetry } = bag(args[0]) ?? {};
        return frameworkAttribution(runtimeContext, bag(telemetry)?.metadata);
      });
      return withFrameworkAttribution(said, () => original.apply(this, args));
    } as Function,
    original,
  );
  entered.add(wrapped);
  return wrapped;
}

function resolving(original: Function, kind: Kind): Function {
  return function (this: unknown, ...args) {
    const [model] = args;
    // A model of an earlier specification is resolved to another object, which asks it.
    countModel(model, kind);
    const resolved = original.apply(this, args);
    if (typeof model === 'string') countModel(resolved, kind);
    return resolved;
  };
}

function wrapping(original: Function, kind: Kind): Function {
  return alike(
    function (this: unknown, ...args) {
      countModel(bag(args[0])?.model, kind);
      const wrapped = original.apply(this, args);
      if (typeof wrapped === 'object' && wrapped !== null) isWrapper(wrapped);
      return wrapped;
    } as Function,
    original,
  );
}
