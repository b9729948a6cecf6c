/**
 * LangChain.js and LangGraph.js: what is patched of @langchain/core, on which both are built.
 *
 * - `runWithConfig` is how LangChain carries the config of a chain, a graph's node, a tool or a stream to the code in it:
 *   attribution goes with it, so that it also covers calls that such code makes without LangChain
 * - a model's `_generateUncached` and `_streamIterator` are what every way of asking it comes to, when no cache answers:
 *   its own config is attribution, and a chat model's answer counts where no SDK made a call
 */
import { type AttributionInput, withFrameworkAttribution } from '../../attribution/index.ts';
import { guard } from '../../call/guard.ts';
import type { OwnSdk } from '../../patching/sdk.ts';
import { bag } from '../../providers/read.ts';
import { frameworkAttribution } from '../metadata.ts';
import { replace } from '../replace.ts';
import { ModelRun } from './count.ts';
import type { Config, Model } from './types.ts';

export const langchain: OwnSdk = {
  name: '@langchain/core',
  files: ['dist/singletons/async_local_storage/index', 'dist/language_models/chat_models', 'dist/language_models/llms'],
  tested: { from: '1.4.0', to: '1.4.0' },
  patch(exported) {
    const { AsyncLocalStorageProviderSingleton: storage, BaseChatModel, BaseLLM } = bag(exported) ?? {};
    const done: string[] = [];
    if (storage && patchContext(Object.getPrototypeOf(storage))) done.push('runWithConfig');
    if (isClass(BaseChatModel) && patchChatModel(BaseChatModel.prototype)) done.push('BaseChatModel');
    if (isClass(BaseLLM) && patchLlm(BaseLLM.prototype)) done.push('BaseLLM');
    return done.length > 0 ? done : undefined;
  },
};

function patchContext(prototype: unknown): boolean {
  return replace(
    prototype,
    'runWithConfig',
    (original) =>
      function (...args) {
        return withFrameworkAttribution(saidBy(args[0]), () => original.apply(this, args));
      },
  );
}

function patchChatModel(prototype: unknown): boolean {
  const answers = replace(
    prototype,
    '_generateUncached',
    (original) =>
      function (...args) {
        const [prompts, options, config] = args;
        const run = new ModelRun(this as Model, options);
        const answers = () => run.answers(prompts, original.apply(this, args));
        return withFrameworkAttribution(saidBy(config, this), answers, run);
      },
  );
  const chunks = replace(
    prototype,
    '_streamIterator',
    (original) =>
      function (...args) {
        const [prompt, options] = args;
        const run = new ModelRun(this as Model, options);
        const chunks = () => run.chunks(prompt, original.apply(this, args) as AsyncIterable<unknown>);
        return withFrameworkAttribution(saidBy(options, this), chunks, run);
      },
  );
  return answers && chunks;
}

/** Models that complete a text; each known one has an SDK. */
function patchLlm(prototype: unknown): boolean {
  const answers = replace(
    prototype,
    '_generateUncached',
    (original) =>
      function (...args) {
        return withFrameworkAttribution(saidBy(args[2], this), () => original.apply(this, args));
      },
  );
  const chunks = replace(
    prototype,
    '_streamIterator',
    (original) =>
      function (...args) {
        return withFrameworkAttribution(saidBy(args[1], this), () => original.apply(this, args));
      },
  );
  return answers && chunks;
}

/** Later wins, as in what LangChain writes to a run: what callers said, the config, the model's own. */
function saidBy(config: unknown, model?: unknown): AttributionInput | undefined {
  return guard(() => {
    const { callbacks, metadata, tags } = (bag(config) ?? {}) as Config;
    const callers = bag(callbacks);
    const own = bag(model) as Config | undefined;
    return frameworkAttribution(callers?.tags, callers?.metadata, tags, metadata, own?.tags, own?.metadata);
  });
}

function isClass(value: unknown): value is { readonly prototype: object } {
  return typeof value === 'function';
}
