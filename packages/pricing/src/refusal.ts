/**
 * True when a failed attempt with this HTTP status is known to cost nothing: the provider refused it (4xx, 503, 529).
 *
 * Not so for 408 (time-out: the model may have run), 460 and 499 (a proxy's word for "the caller hung up", while the
 * provider may have worked on): what may have been billed is `usage_unknown`, never free.
 */
export function isRefusal(httpStatus: number): boolean {
  if (httpStatus === 503 || httpStatus === 529) return true;
  return httpStatus >= 400 && httpStatus < 500 && !MAY_HAVE_RUN.has(httpStatus);
}

const MAY_HAVE_RUN: ReadonlySet<number> = new Set([408, 460, 499]);
