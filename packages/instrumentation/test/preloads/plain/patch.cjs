/** For the preloads of this folder: `patch(wrap)` replaces `chat` when ollama is required. */
const Module = require('node:module');

exports.patch = (wrap) => {
  const load = Module._load;
  const done = new Set();
  Module._load = function (request, ...rest) {
    const loaded = load.call(this, request, ...rest);
    if (request !== 'ollama' || done.has(loaded)) return loaded;
    done.add(loaded);
    const holder = Object.getPrototypeOf(loaded.Ollama.prototype);
    holder.chat = wrap(holder.chat);
    return loaded;
  };
};
