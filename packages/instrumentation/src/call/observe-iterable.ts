/**
 * Observes a stream that is an object with `[Symbol.asyncIterator]`: of a class of the SDK's, a subclass of
 * `ReadableStream`, or an object that the SDK made for this one answer. The object stays as it is: where it has the method
 * from its class, the class is hooked, once, and the watch is found by a private mark.
 *
 * `pipeTo` and `pipeThrough` read inside the platform, where nothing can be seen: such a call ends `abandoned`.
 */
import { alike } from './alike.ts';
import { guard } from './guard.ts';
import { createMark } from './mark.ts';
import { type Iterator, observeIterator, type Watch, watchStream } from './observe-stream.ts';
import type { Observer } from './observer.ts';

type Iterate = (this: object, ...args: unknown[]) => Iterator;
type Reader = Pick<ReadableStreamDefaultReader<unknown>, 'read' | 'cancel'>;
type Holder = { [Symbol.asyncIterator]: Iterate } & Record<string, unknown>;

const watches = createMark<Watch>();
const hooked = new WeakSet<object>();

export function isAsyncIterable(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** `signal` ends the call where the app aborts before it reads. */
export function observeIterable(iterable: object, call: Observer, signal?: AbortSignal): void {
  if (watches.get(iterable)) return;
  const watch = watchStream(iterable, call, signal);
  if (watch) mark(iterable, watch);
}

function mark(iterable: object, watch: Watch): void {
  watches.set(iterable, watch);
  const own = Object.hasOwn(iterable, Symbol.asyncIterator) || isBuiltIn(iterable);
  const holder = (own ? iterable : Object.getPrototypeOf(iterable)) as Holder;
  if (hooked.has(holder)) return;
  hooked.add(holder);
  replace(holder, Symbol.asyncIterator, hookedIterate(holder[Symbol.asyncIterator]));
  if (!(iterable instanceof ReadableStream)) return;
  replace(holder, 'getReader', hookedGetReader(holder.getReader as Method<Reader>));
  replace(holder, 'tee', hookedTee(holder.tee as Method<[object, object]>));
}

/** A branch of `tee()`: its class is everybody's. */
function isBuiltIn(iterable: object): boolean {
  return Object.getPrototypeOf(iterable) === ReadableStream.prototype;
}

type Method<Result> = (this: object, ...args: unknown[]) => Result;

/** What a class inherits, it gets as its own, as invisible as methods are. */
function replace(holder: object, key: PropertyKey, value: (...args: never[]) => unknown): void {
  const flags = Object.getOwnPropertyDescriptor(holder, key) ?? { writable: true, configurable: true };
  Object.defineProperty(holder, key, { ...flags, value });
}

function hookedIterate(iterate: Iterate): Iterate {
  return alike(function (this: object, ...args) {
    const iterator = iterate.apply(this, args);
    const watch = watches.get(this);
    if (watch) guard(() => observeIterator(iterator, watch));
    return iterator;
  }, iterate);
}

/** A reader is an iterator with other names. */
function hookedGetReader(getReader: Method<Reader>): Method<Reader> {
  return alike(function (this: object, ...args) {
    const reader = getReader.apply(this, args);
    const watch = watches.get(this);
    if (watch && args.length === 0) guard(() => observeReader(reader, watch));
    return reader;
  }, getReader);
}

function observeReader(reader: Reader, watch: Watch): void {
  const { read, cancel } = reader;
  const iterator = {
    next: () => read.call(reader),
    return: (reason?: unknown) => cancel.call(reader, reason),
  } as unknown as Required<Pick<Iterator, 'next' | 'return'>>;
  observeIterator(iterator, watch);
  replace(
    reader,
    'read',
    alike(() => iterator.next(), read),
  );
  replace(
    reader,
    'cancel',
    alike((reason?: unknown) => iterator.return(reason), cancel),
  );
}

/** Both branches get everything; the one that is read first is watched. */
function hookedTee(tee: Method<[object, object]>): Method<[object, object]> {
  return alike(function (this: object, ...args) {
    const branches = tee.apply(this, args);
    const watch = watches.get(this);
    if (watch) for (const branch of branches) guard(() => mark(branch, watch));
    return branches;
  }, tee);
}
