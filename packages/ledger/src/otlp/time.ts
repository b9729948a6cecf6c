/**
 * Unix nanoseconds, as OTLP JSON writes them: decimal strings. A double of Unix milliseconds is exact to about 0.25 µs, so
 * the nanosecond string of one gives the same double back; durations are kept to the nanosecond.
 */
const NANOS_PER_MS = 1e6;

/** Start and end of a call as `[startTimeUnixNano, endTimeUnixNano]`. Times that are no finite number >= 0 count as 0. */
export function nanosOf(startTime: number, duration: number): [start: string, end: string] {
  const start = split(startTime);
  const length = split(duration);
  return [text(start.ms, start.nanos), text(start.ms + length.ms, start.nanos + length.nanos)];
}

/** Unix milliseconds and the duration in milliseconds; undefined where the span has no such times. */
export function timesOf(start: unknown, end: unknown): { startTime: number; duration: number } | undefined {
  const from = parse(start);
  const to = parse(end);
  return from && to && between(from, to);
}

/** Unix time, in two parts that a double holds exactly. */
export interface Instant {
  readonly ms: number;
  /** Below a million. */
  readonly nanos: number;
}

/** The same for times that are known to be some. */
export function between(start: Instant, end: Instant): { startTime: number; duration: number } {
  const nanos = (end.ms - start.ms) * NANOS_PER_MS + (end.nanos - start.nanos);
  return { startTime: start.ms + start.nanos / NANOS_PER_MS, duration: Math.max(0, nanos) / NANOS_PER_MS };
}

function split(time: number): Instant {
  if (!Number.isFinite(time) || time < 0) return { ms: 0, nanos: 0 };
  const ms = Math.floor(time);
  return { ms, nanos: Math.round((time - ms) * NANOS_PER_MS) };
}

function text(ms: number, nanos: number): string {
  const carry = Math.floor(nanos / NANOS_PER_MS);
  const rest = nanos - carry * NANOS_PER_MS;
  return `${ms + carry}${String(rest).padStart(6, '0')}`;
}

/** 6 to 24 digits: the readers of other producers meet numbers as well as strings. */
const NANOS = /^\d{6,24}$/;

function parse(value: unknown): Instant | undefined {
  const digits = typeof value === 'number' ? String(value) : value;
  if (typeof digits !== 'string' || !NANOS.test(digits)) return undefined;
  return { ms: Number(digits.slice(0, -6)), nanos: Number(digits.slice(-6)) };
}
