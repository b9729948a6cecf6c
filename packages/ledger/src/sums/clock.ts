/** Calendar days and hours of a time zone, for very many times: a zone is asked once per quarter of an hour. */

/** No zone changes its offset but at a quarter of an hour. */
const SLOT_MS = 15 * 60_000;
const MAX_SLOTS = 100_000;

/**
 * `day` gives `2026-11-26`; `hour` gives `2026-11-26T13:00+01:00`, with the offset, because an hour of the clock can come
 * twice. Throws a RangeError for an unknown zone.
 */
export function clockOf(unit: 'day' | 'hour', timeZone = 'UTC'): (time: number) => string {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    ...(unit === 'hour' && { hour: '2-digit', timeZoneName: 'longOffset' }),
  });
  const slots = new Map<number, string>();
  return (time) => {
    const slot = Math.floor(time / SLOT_MS);
    const known = slots.get(slot);
    if (known !== undefined) return known;
    const parts = Object.fromEntries(format.formatToParts(slot * SLOT_MS).map(({ type, value }) => [type, value]));
    const day = `${parts.year}-${parts.month}-${parts.day}`;
    const offset = parts.timeZoneName?.replace('GMT', '') || '+00:00';
    const text = unit === 'day' ? day : `${day}T${parts.hour}:00${offset}`;
    if (slots.size >= MAX_SLOTS) slots.clear();
    slots.set(slot, text);
    return text;
  };
}
