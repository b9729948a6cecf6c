/** A policy for models without a price, for those who would rather make no call than one whose cost nobody knows. */
import type { Pricer } from './pricer.ts';

/**
 * A call was refused before its request was sent, because nobody would know what it cost. `instanceof` holds across the two
 * module formats of this package, whichever of them threw it.
 */
export class UnknownModelError extends Error {
  override readonly name: string = 'UnknownModelError';
  readonly provider: string;
  readonly model: string;

  constructor(provider: string, model: string) {
    super(
      `No price is known for the model "${model}" of ${provider}, and prices.onUnknownModel is "throw": the call was not sent. Give it a price (prices.overrides) or the name that it has at the provider (prices.aliases) in tokenmeter.yaml; tokenmeter prices explain ${model} --provider ${provider} shows what was looked for.`,
    );
    this.provider = provider;
    this.model = model;
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'UnknownModelError';
  }
}

/** What is known of a call before its request is sent. */
export interface PlannedCall {
  readonly provider: string;
  /** Host of the endpoint. */
  readonly serverAddress?: string;
  readonly requestModel?: string;
  /** Unix milliseconds. */
  readonly startTime: number;
}

/**
 * The error for a call of a model without a price, `undefined` for every other and for one that names no model. It fits
 * the instrumentation's `Admission`. Never throws.
 */
export function refuseUnknownModels(
  pricer: Pick<Pricer, 'knows'>,
): (call: PlannedCall) => UnknownModelError | undefined {
  return ({ provider, serverAddress, requestModel, startTime }) => {
    if (requestModel === undefined) return undefined;
    if (pricer.knows({ provider, host: serverAddress, requestModel, at: startTime })) return undefined;
    return new UnknownModelError(provider, requestModel);
  };
}
