import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calendar } from './calendar.ts';

const ZONES = Intl.supportedValuesOf('timeZone');
const UNITS = ['hour', 'day', 'week', 'month'] as const;
const HOUR = 3_600_000;
const LONGEST = { hour: HOUR, day: 48 * HOUR, week: 8 * 24 * HOUR, month: 32 * 24 * HOUR };
const iso = (time: number): string => new Date(time).toISOString();

const clocks = new Map<string, Intl.DateTimeFormat>();

/** What a clock on the wall shows, by the platform's own tables. */
function wall(time: number, timeZone: string): Record<string, string> {
  let clock = clocks.get(timeZone);
  if (!clock) {
    clock = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      weekday: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
    clocks.set(timeZone, clock);
  }
  const parts = clock.formatToParts(time);
  return Object.fromEntries(parts.map(({ type, value }) => [type, value.replace(/^0(?=\d)/, '')]));
}

describe('windows of the calendar', () => {
  it('tile time in every zone: each end is the next start, and none is empty', () => {
    const instants = fc.integer({ min: Date.UTC(1975, 0), max: Date.UTC(2036, 0) });
    for (const zone of ZONES) {
      fc.assert(
        fc.property(instants, fc.constantFrom(...UNITS), fc.integer({ min: 1, max: 7 }), (time, unit, weekStart) => {
          const { start, end } = calendar(unit, zone, weekStart)(time);
          expect(start).toBeLessThanOrEqual(time);
          expect(end).toBeGreaterThan(time);
          expect(end - start).toBeLessThanOrEqual(LONGEST[unit]);
          expect(calendar(unit, zone, weekStart)(end).start).toBe(end);
          expect(calendar(unit, zone, weekStart)(start)).toEqual({ start, end });
          expect(calendar(unit, zone, weekStart)(end - 1)).toEqual({ start, end });
        }),
        { numRuns: 8 },
      );
    }
  });

  it('tile the hours round every change of the clock of one year, in every zone', () => {
    for (const zone of ZONES) {
      const find = { hour: calendar('hour', zone), day: calendar('day', zone) };
      let offset = 0;
      for (let day = Date.UTC(2025, 0); day < Date.UTC(2026, 0); day += 24 * HOUR) {
        const { hour, minute } = wall(day, zone);
        const now = Number(hour) * 60 + Number(minute);
        if (now === offset) continue;
        offset = now;
        for (let at = day - 26 * HOUR; at < day + 2 * HOUR; ) {
          const { start, end } = find.hour(at);
          expect(start).toBe(at === day - 26 * HOUR ? start : at);
          expect(end).toBeGreaterThan(start);
          const whole = find.day(start);
          expect(find.day(end).start === whole.start || find.day(end).start === whole.end).toBe(true);
          at = end;
        }
      }
    }
  });

  it('begin a day with its first instant, where that is 01:00, too', () => {
    for (const [zone, date] of [
      ['Africa/Cairo', '2026-04-23T22:00:00.000Z'],
      ['America/Havana', '2026-03-08T05:00:00.000Z'],
      ['America/Santiago', '2026-09-06T04:00:00.000Z'],
    ] as const) {
      const { start, end } = calendar('day', zone)(Date.parse(date));
      expect(iso(start)).toBe(date);
      expect(wall(start, zone).hour).toBe('1');
      expect(end - start).toBe(23 * HOUR);
      expect(calendar('day', zone)(start - 1).end).toBe(start);
    }
  });

  it('leave out a day that the zone leaves out', () => {
    const { start, end } = calendar('day', 'Pacific/Apia')(Date.parse('2011-12-30T09:59:00Z'));
    expect([wall(start, 'Pacific/Apia').day, wall(end, 'Pacific/Apia').day]).toEqual(['29', '31']);
  });

  it('do not end a day that has begun when the clock shows yesterday again', () => {
    // St. John's set its clock back at 00:01, to 23:01 of the day before.
    const found = calendar('day', 'America/St_Johns')(Date.parse('2006-10-29T02:45:00Z'));
    expect(wall(found.start, 'America/St_Johns')).toMatchObject({ day: '29', hour: '0', minute: '0' });
  });

  it('give the hour that comes twice two windows', () => {
    const find = calendar('hour', 'Europe/Berlin');
    const first = find(Date.parse('2026-10-25T00:30:00Z'));
    const second = find(Date.parse('2026-10-25T01:30:00Z'));
    expect([wall(first.start, 'Europe/Berlin').hour, wall(second.start, 'Europe/Berlin').hour]).toEqual(['2', '2']);
    expect(first.end).toBe(second.start);
  });

  it.each([
    [1, 'Mon'],
    [7, 'Sun'],
    [4, 'Thu'],
  ])('begin a week on day %i', (weekStart, name) => {
    const { start } = calendar('week', 'Asia/Tokyo', weekStart)(Date.parse('2026-11-26T03:00:00Z'));
    expect(wall(start, 'Asia/Tokyo')).toMatchObject({ weekday: name, hour: '0' });
  });

  it('begin a month on its first day', () => {
    const { start, end } = calendar('month', 'Europe/Berlin')(Date.parse('2026-01-31T23:30:00Z'));
    expect([iso(start), iso(end)]).toEqual(['2026-01-31T23:00:00.000Z', '2026-02-28T23:00:00.000Z']);
  });

  it('are the same object while they last', () => {
    const find = calendar('day', 'UTC');
    expect(find(1000)).toBe(find(2000));
    const today = find(Date.UTC(2026, 0, 2));
    find(Date.UTC(2026, 0, 1));
    expect(find(Date.UTC(2026, 0, 2, 5))).toBe(today);
  });
});
