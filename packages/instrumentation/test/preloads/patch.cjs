/**
 * For the preloads of this folder, each of which instruments an SDK in a way that is known to break apps: the proof must
 * find every one of them. `patch(wrap)` replaces `create` of the main resource when the SDK is required;
 * `wrap(original)` returns the function to use instead.
 */
const Module = require('node:module');

const RESOURCES = {
  openai: (sdk) => [sdk.OpenAI.Chat.Completions.prototype, sdk.OpenAI.Responses.prototype],
  '@anthropic-ai/sdk': (sdk) => [sdk.Anthropic.Messages.prototype],
};

exports.patch = (wrap) => {
  const load = Module._load;
  const done = new Set();
  Module._load = function (request, ...rest) {
    const loaded = load.call(this, request, ...rest);
    if (RESOURCES[request] && !done.has(loaded)) {
      done.add(loaded);
      for (const prototype of RESOURCES[request](loaded)) {
        const wrapped = wrap(prototype.create);
        prototype.create = {
          create(params, options, ...rest) {
            return wrapped.call(this, params, options, ...rest);
          },
        }.create;
      }
    }
    return loaded;
  };
};
