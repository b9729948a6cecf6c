/** The start of a call, the same for every way of patching: admission first, then the span. */
import type { Call } from './call.ts';
import { guard } from './guard.ts';
import { runtime } from './runtime.ts';

/**
 * Asks the admission, and opens the span of a call that may go. A refused call has its `refusal`, and no span; one that
 * is not decided yet has its `pending`.
 * `adopts`: true if the SDK opens a span of its own that the user chose.
 */
export function begin(call: Call, adopts?: () => boolean | undefined): Call {
  const { admission } = runtime.options;
  const decision = admission && guard(() => admission(call.toRequest()));
  if (decision instanceof Error) {
    call.refuse(decision);
    return call;
  }
  if (decision) guard(() => call.permit(decision));
  if (!(adopts && guard(adopts))) guard(() => call.openSpan());
  return call;
}
