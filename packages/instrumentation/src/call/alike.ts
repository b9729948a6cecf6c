/** Gives a wrapper the name and length of the function that it stands for: an app may look at both. */
export function alike<F extends (...args: never[]) => unknown>(wrapper: F, original: (...args: never[]) => unknown): F {
  if (wrapper.name !== original.name) {
    Object.defineProperty(wrapper, 'name', { value: original.name, configurable: true });
  }
  if (wrapper.length !== original.length) {
    Object.defineProperty(wrapper, 'length', { value: original.length, configurable: true });
  }
  return wrapper;
}
