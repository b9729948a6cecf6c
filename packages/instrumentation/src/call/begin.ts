/** The start of a call, the same for every way of patching: admission first, then the span. */
import type { Call } from './call.ts';
import { guard } from './guard.ts';
import { runtime } from './runtime.ts';

/**
 * Asks the admission, and opens the span of a call that may go. A refused call has its `refusal`, and no span.
 * `adopts`: true if the SDK opens a span of its own that the user chose.
 */
export function begin(call: Call, adopts?: () => boolean | undefined): Call {
  const refusal = guard(() => runtime.options.admission?.(call.toRequest()));
  if (refusal) call.refuse(refusal);
  else if (!(adopts && guard(adopts))) guard(() => call.openSpan());
  return call;
}
