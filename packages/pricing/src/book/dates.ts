/** Dates at the end of model ids: how providers name snapshots. */

/** `-2025-04-14`, `-20250929`, `-0613`, `-09-2025`, `-05-20`, `-2411`, `-002`, each at the end and after a letter, digit or bracket. */
const DATE_SUFFIX =
  /[-@](?:20\d{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])|20\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|(?:0[1-9]|1[0-2])-20\d{2}|(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01])|2[3-9](?:0[1-9]|1[0-2])|00[1-9])$/;

/** `id` without its date suffix; `undefined` when it has none. */
export function dateless(id: string): string | undefined {
  const match = DATE_SUFFIX.exec(id);
  return match === null || match.index === 0 ? undefined : id.slice(0, match.index);
}
