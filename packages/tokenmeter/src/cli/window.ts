/** Points in time as a user writes them: `7d`, `yesterday`, `mtd`, `2026-11-01`, ISO 8601. */
import { Temporal } from 'temporal-polyfill';

const RELATIVE = /^(\d{1,6})(m|h|d|w)$/;
const UNITS = { m: 'minutes', h: 'hours', d: 'days', w: 'weeks' } as const;

/** What {@link instantOf} understands, for messages. */
export const TIME_FORMS = '7d, 24h, 30m, 2w, today, yesterday, mtd, now, 2026-11-01 or 2026-11-01T08:00Z';

/**
 * Unix milliseconds; undefined if the text is none of {@link TIME_FORMS}. Days begin at midnight of `timeZone`, where a
 * time without an offset is taken to be too. `mtd` is the start of the month.
 */
export function instantOf(text: string, now: number, timeZone: string): number | undefined {
  const here = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone);
  const [, count, unit] = RELATIVE.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) {
    return here.subtract({ [UNITS[unit as keyof typeof UNITS]]: Number(count) }).epochMilliseconds;
  }
  const named = NAMED[text]?.(here);
  if (named) return named.epochMilliseconds;
  return OFFSET.test(text) ? withOffset(text) : local(text, timeZone);
}

/** Throws a RangeError for a zone that nobody knows. */
export function checkTimeZone(timeZone: string): void {
  new Intl.DateTimeFormat('en-US', { timeZone });
}

const NAMED: Readonly<Record<string, (here: Temporal.ZonedDateTime) => Temporal.ZonedDateTime>> = {
  now: (here) => here,
  today: (here) => here.startOfDay(),
  yesterday: (here) => here.subtract({ days: 1 }).startOfDay(),
  mtd: (here) => here.with({ day: 1 }).startOfDay(),
};

const OFFSET = /T.*(?:Z|[+-]\d{2}:?\d{2})$/;

function withOffset(text: string): number | undefined {
  try {
    return Temporal.Instant.from(text).epochMilliseconds;
  } catch {
    return undefined;
  }
}

function local(text: string, timeZone: string): number | undefined {
  try {
    return Temporal.PlainDateTime.from(text).toZonedDateTime(timeZone).epochMilliseconds;
  } catch {
    return undefined;
  }
}
