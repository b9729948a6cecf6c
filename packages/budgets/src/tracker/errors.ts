import type { TrackedRecord } from './types.ts';

/** A call came to more than the tracker's threshold, in the mode `raise`. It has been made, and paid for. */
export class BudgetAlertError extends Error {
  override readonly name: string = 'BudgetAlertError';
  readonly record: TrackedRecord;

  constructor(message: string, record: TrackedRecord) {
    super(message);
    this.record = record;
  }
}

/** A call was recorded whose model has no price. It counts as a request, and not in the total. */
export class UnknownModelError extends Error {
  override readonly name: string = 'UnknownModelError';
  readonly model: string;

  constructor(model: string) {
    super(unknownModel(model));
    this.model = model;
  }
}

export function unknownModel(model: string): string {
  return (
    `No price is known for model "${model}": its calls are not in the total. Add it to prices, ` +
    `e.g. prices: { overrides: [{ model: "${model}", input: 2.5, output: 10 }] } in USD per million tokens.`
  );
}
