/** Words for the tables of what a scenario must leave in the ledger: `outcome operation cost-status usage-source`. */

/** By scenario: its calls, in any order. An expression stands where the contract leaves a choice. */
export type ExpectedCalls = Readonly<Record<string, readonly (string | RegExp)[]>>;

export const NONE: readonly string[] = [];

export const times = <T>(count: number, call: T): T[] => Array.from({ length: count }, () => call);

/** The whole answer was read, with the provider's usage. */
export const done = (operation = 'chat'): string => `completed ${operation} priced provider`;

/** The whole answer was read, and nothing in it told the usage. */
export const unmetered = (operation = 'chat'): RegExp =>
  new RegExp(`^completed ${operation} (usage_unknown none|estimated estimated)$`);

/** The app took the bare response: whether it read it to the end cannot be seen. */
export const unread = (operation = 'chat'): RegExp =>
  new RegExp(`^(completed|abandoned) ${operation} usage_unknown none$`);

/** The app left in mid-stream: what arrived is estimated, what the provider sent stays exact. */
export const left = (operation = 'chat'): RegExp =>
  new RegExp(`^canceled ${operation} estimated (estimated|provider)$`);

/** The app left before anything came. */
export const leftEarly = (operation = 'chat'): RegExp => new RegExp(`^canceled ${operation} usage_unknown none$`);

/** The provider broke off in mid-stream. */
export const broken = (operation = 'chat'): RegExp =>
  new RegExp(`^failed ${operation} (usage_unknown none|estimated (estimated|provider))$`);

/** Refused with 4xx or 529: known to cost nothing. */
export const refused = (operation = 'chat'): string => `failed ${operation} free none`;

/** Failed in a way that may have been billed. */
export const failed = (operation = 'chat'): string => `failed ${operation} usage_unknown none`;

/** Nobody looked at the answer. */
export const abandoned = (operation = 'chat'): RegExp =>
  new RegExp(`^abandoned ${operation} (usage_unknown none|estimated (estimated|provider))$`);

/** Nobody looked at the refusal. */
export const ignored = (operation = 'chat'): string => `abandoned ${operation} free none`;
