/**
 * What a call may come to, before it is sent: an upper estimate of its input, and for the output what a budget holds.
 *
 * The input is estimated from its characters, generously: English text has about four characters a token, other scripts and
 * code two to three. Images, audio and files are not seen; they are the error of the estimate.
 */
import type { CallRecord } from '@tokenmeter/ledger';
import { type Cost, mostOutputTokens, type Pricer, type Usage } from '@tokenmeter/pricing';
import { type HoldKind, nanoOf } from '../budget.ts';
import type { ScopedCall } from '../scope.ts';

/** What is known of a call before its request is sent. */
export interface AdmissionRequest extends ScopedCall {
  readonly serverAddress?: string;
  /** Unix milliseconds. */
  readonly startTime: number;
  readonly maxOutputTokens?: number;
  /** Characters of the prompt; asked only where a budget reserves. */
  inputCharacters?(): number;
}

/** `none`: of the input alone. */
export type OutputHold = HoldKind | 'none';

const CHARACTERS_PER_TOKEN = 2.5;
/** Roles, separators and tool plumbing that no character stands for. */
const EXTRA_TOKENS = 32;

/** Operations without an output to speak of. */
const NO_OUTPUT: ReadonlySet<string> = new Set(['embeddings']);

export interface Estimate {
  readonly input: number;
  /** Tokens held for the output. */
  readonly output: number;
  readonly status: Cost['status'];
  /** nano-USD; 0 where there is no price. */
  readonly nano: number;
}

export class Estimator {
  readonly #pricer: Pricer;
  readonly #outputs = new Map<string, Outputs>();

  constructor(pricer: Pricer) {
    this.#pricer = pricer;
  }

  /** Learns from a call how much its feature and model write. */
  learn({ attribution, requestModel, usage, outcome }: CallRecord): void {
    if (usage?.output === undefined || outcome !== 'completed') return;
    const key = `${attribution.feature}\u0000${requestModel}`;
    let outputs = this.#outputs.get(key);
    if (outputs === undefined) {
      if (this.#outputs.size >= MOST_KEYS) this.#outputs.clear();
      outputs = new Outputs();
      this.#outputs.set(key, outputs);
    }
    outputs.add(usage.output);
  }

  estimate(request: AdmissionRequest, hold: OutputHold, model: string | undefined = request.requestModel): Estimate {
    const input = Math.ceil((request.inputCharacters?.() ?? 0) / CHARACTERS_PER_TOKEN) + EXTRA_TOKENS;
    const output = this.#output(request, hold, model);
    const { status, pico } = this.#price(request, model, { input, output });
    return { input, output, status, nano: pico === undefined ? 0 : nanoOf(pico) };
  }

  #output(request: AdmissionRequest, hold: OutputHold, model: string | undefined): number {
    if (hold === 'none' || NO_OUTPUT.has(request.operation)) return 0;
    const most = request.maxOutputTokens ?? this.#most(request, model);
    if (hold === 'max') return most;
    const learned = this.#outputs.get(`${request.attribution.feature}\u0000${request.requestModel}`)?.most();
    return learned === undefined ? most : Math.min(most, learned);
  }

  /** By the row of the price book, which knows the model under all its names. */
  #most(request: AdmissionRequest, model: string | undefined): number {
    const { rowId } = this.#price(request, model, { input: 1, output: 0 });
    return mostOutputTokens(rowId ?? model ?? '');
  }

  #price(request: AdmissionRequest, requestModel: string | undefined, usage: Usage): Cost {
    return this.#pricer.price({
      provider: request.provider,
      host: request.serverAddress,
      requestModel,
      report: { usage, context: {}, flags: [] },
      at: request.startTime,
    });
  }
}

const MOST_KEYS = 500;
const MOST_SAMPLES = 200;
/** Below this many calls nothing is learned, and the maximum is held. */
const FEWEST_SAMPLES = 20;
const QUANTILE = 0.95;

/** The latest output lengths of one feature and model. */
class Outputs {
  readonly #samples: number[] = [];
  #next = 0;
  #most: number | undefined;

  add(output: number): void {
    this.#samples[this.#next] = output;
    this.#next = (this.#next + 1) % MOST_SAMPLES;
    this.#most = undefined;
  }

  /** What 95 % of them do not exceed; undefined at a cold start. */
  most(): number | undefined {
    if (this.#samples.length < FEWEST_SAMPLES) return undefined;
    this.#most ??= this.#samples.toSorted((a, b) => a - b)[Math.ceil(this.#samples.length * QUANTILE) - 1];
    return this.#most;
  }
}
