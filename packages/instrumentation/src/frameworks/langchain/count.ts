/**
 * Counts the runs of chat models that have no instrumented SDK underneath. Whether one has is known when its provider has
 * answered: by then a call has started in the run, or none will.
 */
import type { CallWatcher } from '../../attribution/index.ts';
import type { Call } from '../../call/call.ts';
import type { ResponseFacts, StreamReader } from '../../call/facts.ts';
import { guard } from '../../call/guard.ts';
import { bag, list, text } from '../../providers/read.ts';
import { handOver, now } from '../hand-over.ts';
import { providerNamed } from '../provider.ts';
import { chatModel } from './method.ts';
import type { Model, Run } from './types.ts';

/** One run of a model. */
export class ModelRun implements CallWatcher {
  readonly #began = now();
  readonly #model: Model;
  readonly #options: unknown;
  /** A call has started in the run: whoever started it counts it. */
  #counted = false;

  constructor(model: Model, options: unknown) {
    this.#model = model;
    this.#options = options;
  }

  callStarted(): void {
    this.#counted = true;
  }

  /** A model that answered at once, each of the prompts with a message of its own. */
  answers(prompts: unknown, result: unknown): unknown {
    // LangChain itself awaits this promise.
    if (result instanceof Promise) {
      result.then(
        (answer) => this.#each(prompts, (call, at) => call.complete(messageOf(answer, at))),
        (error) => this.#each(prompts, (call) => call.fail(error)),
      );
    }
    return result;
  }

  /** A model that answers in chunks. */
  chunks(prompt: unknown, chunks: AsyncIterable<unknown>): AsyncGenerator<unknown> {
    return passing(chunks, () => (this.#counted ? undefined : this.#open(true, prompt)));
  }

  #each(prompts: unknown, end: (call: Call, at: number) => void): void {
    if (this.#counted) return;
    for (const [at, prompt] of list(prompts).entries()) {
      guard(() => end(this.#open(false, prompt), at));
    }
  }

  /** Only now the model is asked what it is: it works that out each time, and a run that is counted need not know. */
  #open(stream: boolean, prompt: unknown): Call {
    const params = bag(guard(() => this.#model.getLsParams?.(this.#options ?? {})));
    const run: Run = { model: text(params?.ls_model_name), stream, prompt };
    return handOver(chatModel, run, { provider: providerNamed(text(params?.ls_provider) ?? 'unknown') }, this.#began);
  }
}

function messageOf(answer: unknown, at: number): unknown {
  const [generation] = list(list(bag(answer)?.generations)[at]);
  return bag(generation)?.message;
}

/** `open` is asked when the first chunk is there, or when it is clear that none will come. */
async function* passing(chunks: AsyncIterable<unknown>, open: () => Call | undefined): AsyncGenerator<unknown> {
  let seen: { readonly call: Call; readonly reader: StreamReader | undefined } | undefined;
  let asked = false;
  const look = (): typeof seen => {
    if (asked) return seen;
    asked = true;
    const call = guard(open);
    seen = call && { call, reader: call.streamReader() };
    return seen;
  };
  const facts = (partial: boolean): ResponseFacts | undefined =>
    guard(() => seen?.reader && { ...seen.reader.facts(), partial });
  let left = true;
  try {
    for await (const chunk of chunks) {
      look()?.call.firstChunk();
      guard(() => seen?.reader?.read(chunk));
      yield chunk;
    }
    left = false;
    look()?.call.end('completed', facts(false));
  } catch (error) {
    left = false;
    look()?.call.fail(error, facts(true));
    throw error;
  } finally {
    if (left) seen?.call.end('canceled', facts(true));
  }
}
