import { describe, expect, it } from 'vitest';
import { instantOf } from './window.ts';

const NOW = Date.parse('2026-11-26T12:34:56Z');

describe('instantOf', () => {
  it.each([
    ['now', 'UTC', '2026-11-26T12:34:56Z'],
    ['24h', 'UTC', '2026-11-25T12:34:56Z'],
    ['90m', 'UTC', '2026-11-26T11:04:56Z'],
    ['7d', 'UTC', '2026-11-19T12:34:56Z'],
    ['2w', 'UTC', '2026-11-12T12:34:56Z'],
    ['today', 'UTC', '2026-11-26T00:00:00Z'],
    ['yesterday', 'UTC', '2026-11-25T00:00:00Z'],
    ['mtd', 'UTC', '2026-11-01T00:00:00Z'],
    ['today', 'Europe/Berlin', '2026-11-25T23:00:00Z'],
    ['mtd', 'America/New_York', '2026-11-01T04:00:00Z'],
    // Clocks went back in Berlin on 25 October: 33 days before is an hour more.
    ['33d', 'Europe/Berlin', '2026-10-24T11:34:56Z'],
    ['2026-11-01', 'UTC', '2026-11-01T00:00:00Z'],
    ['2026-11-01', 'Europe/Berlin', '2026-10-31T23:00:00Z'],
    ['2026-11-01T08:00', 'Europe/Berlin', '2026-11-01T07:00:00Z'],
    ['2026-11-01T08:00Z', 'Europe/Berlin', '2026-11-01T08:00:00Z'],
    ['2026-11-01T08:00:00+05:30', 'UTC', '2026-11-01T02:30:00Z'],
  ])('%s in %s is %s', (text, zone, expected) => {
    expect(instantOf(text, NOW, zone)).toBe(Date.parse(expected));
  });

  it.each(['', 'soon', '7', '7y', '-7d', '2026-13-01', '2026-02-30', '2026-11-01T25:00Z', 'TODAY'])(
    '%j is no time',
    (text) => {
      expect(instantOf(text, NOW, 'UTC')).toBeUndefined();
    },
  );
});
