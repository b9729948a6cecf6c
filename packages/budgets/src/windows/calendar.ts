/**
 * Hours, days, weeks and months of a time zone. The windows of a unit tile time: each one's end is the next one's start,
 * and none is empty.
 *
 * - A day begins with its first instant, which need not be midnight: in Cairo one day a year begins at 01:00. A day that
 *   the zone leaves out (Apia, 30 December 2011) has no window. Where a clock that is set back shows yesterday again, a day
 *   that has begun does not end.
 * - An hour ends, too, where the clock is set: the hour that comes twice is two windows.
 */
import { createRequire } from 'node:module';
import type { Temporal as TemporalNamespace } from 'temporal-polyfill';
import type { CalendarUnit } from '../budget.ts';

/** Half-open, Unix milliseconds. */
export interface Period {
  readonly start: number;
  readonly end: number;
}

const HOUR_MS = 3_600_000;

let loaded: typeof TemporalNamespace | undefined;

/** Loaded with the first calendar window: most processes have none. */
function temporal(): typeof TemporalNamespace {
  loaded ??= (createRequire(import.meta.url)('temporal-polyfill') as typeof import('temporal-polyfill')).Temporal;
  return loaded;
}

/**
 * Which window a time is in. The same object while the window is the same, so that asking costs nothing.
 * `timezone` must be known to Node; `weekStart` is 1 (Monday) to 7.
 */
export function calendar(unit: CalendarUnit, timezone: string, weekStart = 1): (time: number) => Period {
  const find = unit === 'hour' ? hourOf : (time: number, zone: string) => datesOf(unit, time, zone, weekStart);
  let last: Period = { start: Number.NEGATIVE_INFINITY, end: Number.NEGATIVE_INFINITY };
  return (time) => {
    if (time >= last.start && time < last.end) return last;
    const found = find(time, timezone);
    // A late call asks for the window before this one: the newer one stays at hand.
    if (found.start > last.start) last = found;
    return found;
  };
}

function datesOf(unit: Exclude<CalendarUnit, 'hour'>, time: number, timezone: string, weekStart: number): Period {
  const date = zoned(time, timezone).toPlainDate();
  const first =
    unit === 'day'
      ? date
      : unit === 'month'
        ? date.with({ day: 1 })
        : date.subtract({ days: (date.dayOfWeek - weekStart + 7) % 7 });
  const startOf = (count: number): number =>
    first
      .add(unit === 'month' ? { months: count } : { days: count * (unit === 'week' ? 7 : 1) })
      .toZonedDateTime(timezone).epochMilliseconds;
  let at = 0;
  while (startOf(at) > time) at -= 1;
  while (startOf(at + 1) <= time) at += 1;
  return { start: startOf(at), end: startOf(at + 1) };
}

function hourOf(time: number, timezone: string): Period {
  const here = zoned(time, timezone);
  const offset = here.offsetNanoseconds / 1e6;
  const start = Math.floor((time + offset) / HOUR_MS) * HOUR_MS - offset;
  const set = here.add({ milliseconds: 1 }).getTimeZoneTransition('previous')?.epochMilliseconds ?? start;
  const next = here.getTimeZoneTransition('next')?.epochMilliseconds ?? start + HOUR_MS;
  return { start: Math.max(start, set), end: Math.min(start + HOUR_MS, next) };
}

function zoned(time: number, timezone: string): TemporalNamespace.ZonedDateTime {
  return temporal().Instant.fromEpochMilliseconds(Math.floor(time)).toZonedDateTimeISO(timezone);
}
