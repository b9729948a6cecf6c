/** Prices by the clock: UTC windows on days of the seller's own calendar, without its public holidays. */
import type { Schedule } from './book/model.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

export type Hour = 'peak' | 'off-peak' | 'peak-unconfirmed';

/** Which hour `at` (Unix ms) is. Unconfirmed: a peak hour on a day that the list of holidays does not reach. */
export function hourOf(schedule: Schedule, at: number): Hour {
  const minute = Math.floor((((at % DAY) + DAY) % DAY) / MINUTE);
  if (!schedule.windows.some(([from, to]) => minute >= from && minute < to)) return 'off-peak';
  const local = new Date(at + schedule.offsetHours * HOUR);
  if (!schedule.days.has(local.getUTCDay())) return 'off-peak';
  const day = local.toISOString().slice(0, 10);
  if (schedule.holidays.has(day)) return 'off-peak';
  return day <= schedule.holidaysUntil ? 'peak' : 'peak-unconfirmed';
}
