/**
 * For the preloads of this folder: `patch(name, wrap)` replaces a method of `Models` when @google/genai is required. The
 * public methods are made in the constructor, so they are replaced when they are assigned.
 */
const Module = require('node:module');

exports.patch = (name, wrap) => {
  const load = Module._load;
  const done = new Set();
  Module._load = function (request, ...rest) {
    const loaded = load.call(this, request, ...rest);
    if (request !== '@google/genai' || done.has(loaded)) return loaded;
    done.add(loaded);
    const { prototype } = loaded.Models;
    if (prototype[name]) prototype[name] = wrap(prototype[name]);
    else {
      Object.defineProperty(prototype, name, {
        configurable: true,
        set(method) {
          const options = { writable: true, enumerable: true, configurable: true };
          Object.defineProperty(this, name, { value: wrap(method), ...options });
        },
      });
    }
    return loaded;
  };
};
