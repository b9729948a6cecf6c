/** The keys of an {@link Attribution}. */
import type { Attribution } from './record.ts';

type Known = Exclude<keyof Attribution, 'extra'>;

const READERS: Readonly<Record<Known, (attribution: Attribution) => string | undefined>> = {
  feature: ({ feature }) => feature,
  team: ({ team }) => team,
  tenant: ({ tenant }) => tenant,
  environment: ({ environment }) => environment,
  user: ({ user }) => user,
  session: ({ session }) => session,
  route: ({ route }) => route,
  request: ({ request }) => request,
};

/** Those that it has by name; any other key is one of the app's own. */
export const ATTRIBUTION_KEYS: readonly Known[] = Object.keys(READERS) as Known[];

/** The value of a key, of whichever kind it is. */
export function attributionReader(key: string): (attribution: Attribution) => string | undefined {
  return Object.hasOwn(READERS, key) ? READERS[key as Known] : ({ extra }) => extra?.[key];
}
