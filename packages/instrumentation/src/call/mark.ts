/**
 * Puts a value on an object of the app's, where nobody but us can see it: as a private field, which no inspection, copy
 * or proxy of the app shows. It does what a WeakMap does and costs the garbage collector nothing.
 */

/** A class whose constructor hands out the object that it is given: the fields of a subclass are added to that one. */
const Given = class {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: this is what adds a private field to an object of another class
    return object;
  }
} as new (
  object: object,
) => object;

export interface Mark<T> {
  set(object: object, value: T | undefined): void;
  get(object: object): T | undefined;
}

/** A mark of its own; each object has at most one value of it. */
export function createMark<T>(): Mark<T> {
  class Marked extends Given {
    #value: T | undefined;

    static set(object: object, value: T | undefined): void {
      const marked = #value in object ? object : (new Marked(object) as Marked);
      marked.#value = value;
    }

    static get(object: object): T | undefined {
      return #value in object ? object.#value : undefined;
    }
  }
  return Marked;
}
