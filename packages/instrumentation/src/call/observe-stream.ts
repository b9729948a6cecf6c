/**
 * Observes a stream in place: the same object, the same iterator, nothing read ahead, nothing kept.
 *
 * An SDK's `Stream` has its iterator in an own field, which `[Symbol.asyncIterator]`, `tee()` and `toReadableStream()` all
 * call, so that one wrap sees every way of reading. A stream ends when its iterator does, when the app returns early
 * (`break`), when it fails, when the app aborts its controller, or when nobody can reach it any more.
 */
import type { ResponseFacts, StreamReader } from './facts.ts';
import { guard, report } from './guard.ts';
import type { Observer } from './observer.ts';

export type Iterator = AsyncIterator<unknown>;

/** The slice of an SDK's `Stream` that we use. */
interface Stream {
  iterator: (...args: unknown[]) => Iterator;
  readonly controller: AbortController;
}

/** What watches one stream for one call. It keeps neither the stream nor its events. */
export interface Watch {
  readonly call: Observer;
  readonly reader: StreamReader;
  /** The stream's own abort signal, in a box that is emptied at the end. */
  signal: AbortSignal | undefined;
  iterating: boolean;
  /** The iterator that was pulled first, weakly: a stream is consumed once, and an SDK refuses every other one. */
  active?: WeakRef<Iterator>;
}

const watched = new WeakSet<object>();

const dropped = new FinalizationRegistry<Watch>((watch) => {
  if (!watch.iterating) end(watch, 'abandoned');
});
/** The iterator in use is gone; one that was never pulled, or was refused, says nothing. */
const droppedIterators = new FinalizationRegistry<Watch>((watch) => {
  if (!watch.active?.deref()) end(watch, 'abandoned');
});

export function isStream(value: unknown): value is Stream {
  const stream = value as Partial<Stream> | null | undefined;
  return (
    typeof stream === 'object' && stream !== null && typeof stream.iterator === 'function' && 'controller' in stream
  );
}

export function observeStream(stream: Stream, call: Observer): void {
  if (watched.has(stream)) return;
  watched.add(stream);
  const watch = watchStream(stream, call, stream.controller?.signal);
  if (!watch) return;
  const original = stream.iterator;
  // The name is the SDK's: an app may see it.
  const iterator = function (this: unknown, ...args: unknown[]): Iterator {
    const inner = original.apply(this, args);
    guard(() => observeIterator(inner, watch));
    return inner;
  };
  stream.iterator = iterator;
}

/** Watches a stream that nobody has read yet: it may be dropped, or aborted by its signal. */
export function watchStream(stream: object, call: Observer, signal: AbortSignal | undefined): Watch | undefined {
  const reader = call.streamReader();
  if (!reader) return undefined;
  const watch: Watch = { call, reader, signal, iterating: false };
  dropped.register(stream, watch);
  signal?.addEventListener('abort', () => watch.iterating || end(watch, 'canceled'), { once: true });
  return watch;
}

/** Observes a stream that is nothing but its iterator, e.g. an async generator. */
export function observeGenerator(iterator: Iterator, call: Observer): void {
  const reader = call.streamReader();
  if (reader) observeIterator(iterator, { call, reader, signal: undefined, iterating: true });
}

/** Wraps `next`, `return` and `throw` on the iterator itself. */
export function observeIterator(iterator: Iterator, watch: Watch): void {
  watch.iterating = true;
  droppedIterators.register(iterator, watch);
  const { next } = iterator;
  // Made once: these run for every chunk.
  const onResult = (result: IteratorResult<unknown>): IteratorResult<unknown> | Promise<IteratorResult<unknown>> => {
    if (result.done) end(watch, watch.signal?.aborted ? 'canceled' : 'completed');
    else if (read(watch, result.value) === HIDDEN) return step();
    return result;
  };
  const onError = (error: unknown): never => {
    fail(watch, error);
    throw error;
  };
  let active: boolean | undefined;
  const step: Iterator['next'] = (...args) => {
    watch.active ??= new WeakRef(iterator);
    active ??= isActive(iterator, watch);
    const result = next.apply(iterator, args);
    return active ? result.then(onResult, onError) : result;
  };
  iterator.next = step;
  cancelOn(iterator, 'return', watch);
  cancelOn(iterator, 'throw', watch);
}

const HIDDEN = Symbol('hidden');

function read(watch: Watch, event: unknown): typeof HIDDEN | undefined {
  try {
    watch.call.firstChunk();
    watch.reader.read(event);
    return watch.call.restore(event) ? HIDDEN : undefined;
  } catch (problem) {
    report(problem);
    return undefined;
  }
}

function isActive(iterator: Iterator, { active }: Watch): boolean {
  return active === undefined || active.deref() === iterator;
}

function cancelOn(iterator: Iterator, method: 'return' | 'throw', watch: Watch): void {
  const original = iterator[method];
  if (!original) return;
  const hooked: typeof original = (...args) => {
    if (isActive(iterator, watch)) end(watch, 'canceled');
    return original.apply(iterator, args);
  };
  iterator[method] = hooked;
}

function end(watch: Watch, outcome: 'completed' | 'canceled' | 'abandoned'): void {
  const facts = takeFacts(watch);
  if (outcome === 'completed' && facts?.error !== undefined) watch.call.end('failed', facts);
  else watch.call.end(outcome, facts);
}

function fail(watch: Watch, error: unknown): void {
  watch.call.fail(error, takeFacts(watch));
}

function takeFacts(watch: Watch): ResponseFacts | undefined {
  watch.signal = undefined;
  return watch.call.ended ? undefined : guard(() => watch.reader.facts());
}
