/**
 * `tokenmeter.yaml` -> budgets. The schema has checked types and words; what only numbers and other settings can tell is
 * checked here.
 */
import { type AlertSettings, actionsOf } from './alerts/settings.ts';
import { CHANNELS, type ChannelName } from './alerts/types.ts';
import type { Budget, CalendarUnit, Enforcement, HoldKind, Measure, WindowSpec } from './budget.ts';
import { NANO_PER_USD } from './budget.ts';

/** A budget as the configuration writes it. */
export interface BudgetInput {
  /** Default in a feature: the feature's name. */
  readonly name?: string;
  /** USD, as number or decimal text. Exactly one of the four. */
  readonly usd?: number | string;
  readonly tokens?: number;
  readonly calls?: number;
  /** Turns of one request whose prompts grow. Only with `per: request`. */
  readonly turns?: number;
  /** `call`, `request`, `hour`, `day`, `week`, `month`, or a duration such as `5m`, `24h` or `7d` for the last so-and-so long. */
  readonly per: string;
  readonly match?: Readonly<Record<string, string | readonly string[]>>;
  readonly each?: string;
  /** IANA name. Default UTC. */
  readonly timezone?: string;
  /** Default `monday`. */
  readonly weekStart?: string;
  /** Shares such as `80%`. Default 50 %, 80 %, 100 %; for a call, a request and turns 100 %. */
  readonly thresholds?: readonly (string | number)[];
  readonly enforce?: Enforcement;
  readonly hold?: HoldKind;
  readonly onUnpriced?: Budget['onUnpriced'];
  readonly onStoreDown?: Budget['onStoreDown'];
  readonly actions?: readonly string[];
  readonly owner?: string;
  /** A duration. */
  readonly renotify?: string;
}

export interface BudgetSources {
  readonly budgets?: readonly BudgetInput[];
  readonly features?: Readonly<
    Record<string, { readonly team?: string; readonly owner?: string; readonly budget?: BudgetInput }>
  >;
  /** A budget that names no actions uses every channel that has settings. */
  readonly alerts?: AlertSettings;
}

/** What is wrong, and where: keys and indices from the root of the file. */
export interface BudgetProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

export interface Compiled {
  readonly budgets: readonly Budget[];
  readonly problems: readonly BudgetProblem[];
}

const CALENDAR: ReadonlySet<string> = new Set<CalendarUnit>(['hour', 'day', 'week', 'month']);
const MEASURES: readonly Measure[] = ['usd', 'tokens', 'calls', 'turns'];
export const WEEKDAYS: readonly string[] = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
];

/** Of a budget that names none. */
const DEFAULT_THRESHOLDS = ['50%', '80%', '100%'];
/** The same as shares of the amount. */
export const DEFAULT_SHARES: readonly number[] = DEFAULT_THRESHOLDS.map(shareOf);

const DURATION = /^(\d{1,6})(s|m|h|d|w)$/;
const SECOND = 1000;
const UNIT_MS: Readonly<Record<string, number>> = {
  s: SECOND,
  m: 60 * SECOND,
  h: 3_600 * SECOND,
  d: 86_400 * SECOND,
  w: 604_800 * SECOND,
};
/** A rolling window has 60 parts, and the longest is a leap year. */
const SHORTEST_MS = 6 * SECOND;
const LONGEST_MS = 366 * 86_400 * SECOND;

/** Milliseconds of `90s`, `5m`, `24h`, `7d`, `2w`; undefined for anything else. */
export function durationMs(text: string): number | undefined {
  const [, count, unit] = DURATION.exec(text) ?? [];
  const milliseconds = Number(count) * (UNIT_MS[unit ?? ''] ?? Number.NaN);
  return milliseconds > 0 ? milliseconds : undefined;
}

/** All problems at once; a budget with a problem is left out. Never throws. */
export function compileBudgets({ budgets = [], features = {}, alerts = {} }: BudgetSources): Compiled {
  const compiled: Budget[] = [];
  const problems: BudgetProblem[] = [];
  const names = new Set<string>();
  const take = (input: BudgetInput, path: BudgetProblem['path'], more: Partial<Budget> & { name: string }): void => {
    const found = problemsOf(input);
    if (names.has(more.name)) found.push(['name', `there are two budgets named "${more.name}"; names must differ`]);
    names.add(more.name);
    if (found.length > 0) {
      problems.push(...found.map(([key, message]) => ({ path: key === '' ? path : [...path, key], message })));
    } else compiled.push({ ...budgetOf(input, alerts), ...more });
  };
  for (const [feature, { team, owner, budget }] of Object.entries(features)) {
    if (budget === undefined) continue;
    const match = { ...matchOf(budget), feature: [feature] };
    const own = budget.owner ?? owner;
    take(budget, ['features', feature, 'budget'], { name: budget.name ?? feature, match, team, owner: own });
  }
  for (const [index, budget] of budgets.entries()) {
    const [feature = '', second] = matchOf(budget).feature ?? [];
    // Of one feature: its team is told, as for the feature's own budget.
    const team = second === undefined ? features[feature]?.team : undefined;
    take(budget, ['budgets', index], {
      name: budget.name ?? `budget-${index + 1}`,
      ...(team !== undefined && { team }),
    });
  }
  return { budgets: compiled, problems };
}

type Found = [key: string, message: string][];

function problemsOf(input: BudgetInput): Found {
  const found: Found = [];
  const measures = MEASURES.filter((measure) => input[measure] !== undefined);
  const [measure] = measures;
  if (measures.length !== 1 || measure === undefined) {
    found.push(['', `must have exactly one of ${MEASURES.join(', ')}`]);
  } else if (!(quantityOf(measure, input[measure]) >= 1)) {
    found.push([measure, `must be more than 0, not ${JSON.stringify(input[measure])}`]);
  } else if (quantityOf(measure, input[measure]) > Number.MAX_SAFE_INTEGER) {
    found.push([measure, `must be less than 9,007,199, not ${JSON.stringify(input[measure])}`]);
  }
  const window = windowOf(input);
  if (window === undefined) {
    found.push([
      'per',
      `must be call, request, hour, day, week, month or a duration from 6s to 366d such as 5m, 24h or 7d, not ${JSON.stringify(input.per)}`,
    ]);
  }
  if (measure === 'turns' && window && window.kind !== 'request') {
    found.push(['per', 'must be request for a budget of turns']);
  }
  if (input.timezone !== undefined && !isTimeZone(input.timezone)) {
    found.push(['timezone', `must be an IANA time zone, e.g. Europe/Berlin, not ${JSON.stringify(input.timezone)}`]);
  } else if (input.timezone !== undefined && window && window.kind !== 'calendar') {
    found.push(['timezone', `has no meaning for a budget per ${input.per}: it belongs to hour, day, week and month`]);
  }
  if (input.weekStart !== undefined && input.per !== 'week') {
    found.push(['weekStart', 'belongs to a budget per week']);
  }
  const shares = (input.thresholds ?? []).map(shareOf);
  if (shares.some((share) => !(share > 0 && share <= 10))) {
    found.push(['thresholds', 'must be percentages above 0 % and up to 1000 %, e.g. [50%, 80%, 100%]']);
  }
  if (input.renotify !== undefined && durationMs(input.renotify) === undefined) {
    found.push(['renotify', `must be a duration such as 30m or 4h, not ${JSON.stringify(input.renotify)}`]);
  }
  if (input.enforce === 'reserve' && measure === 'turns') {
    found.push(['enforce', 'cannot be reserve for a budget of turns, which are known after the call: use check']);
  }
  if (input.hold !== undefined && input.enforce !== 'reserve') {
    found.push(['hold', 'belongs to enforce: reserve']);
  }
  return found;
}

function budgetOf(input: BudgetInput, alerts: AlertSettings): Omit<Budget, 'name'> {
  const measure = MEASURES.find((one) => input[one] !== undefined) ?? 'usd';
  const window = windowOf(input) as WindowSpec;
  const isSingle = window.kind === 'call' || window.kind === 'request';
  const thresholds = (input.thresholds ?? (isSingle ? ['100%'] : DEFAULT_THRESHOLDS)).map(shareOf);
  // `throw` is no channel: it says that calls are refused.
  const named: ChannelName[] | undefined = input.actions && CHANNELS.filter((name) => input.actions?.includes(name));
  const throws = input.actions?.includes('throw') === true;
  return {
    measure,
    amount: quantityOf(measure, input[measure]),
    window,
    match: matchOf(input),
    each: input.each,
    thresholds: [...new Set(thresholds)].sort((a, b) => a - b),
    enforce: input.enforce ?? (throws ? 'check' : 'observe'),
    hold: input.hold ?? 'max',
    onUnpriced: input.onUnpriced ?? 'warn',
    onStoreDown: input.onStoreDown ?? 'allow',
    actions: actionsOf(named, alerts),
    owner: input.owner,
    renotifyMs: input.renotify === undefined ? undefined : durationMs(input.renotify),
  };
}

function matchOf({ match = {} }: BudgetInput): Record<string, readonly string[]> {
  return Object.fromEntries(
    Object.entries(match).map(([key, value]) => [key, typeof value === 'string' ? [value] : value]),
  );
}

function windowOf({ per, timezone = 'UTC', weekStart = 'monday' }: BudgetInput): WindowSpec | undefined {
  if (per === 'call' || per === 'request') return { kind: per, label: per };
  if (CALENDAR.has(per)) {
    const unit = per as CalendarUnit;
    return { kind: 'calendar', label: per, unit, timezone, weekStart: WEEKDAYS.indexOf(weekStart) + 1 };
  }
  const milliseconds = durationMs(per);
  if (milliseconds === undefined || milliseconds < SHORTEST_MS || milliseconds > LONGEST_MS) return undefined;
  return { kind: 'rolling', label: per, milliseconds };
}

function quantityOf(measure: Measure, value: number | string | undefined): number {
  const number = Number(value);
  return measure === 'usd' ? Math.round(number * NANO_PER_USD) : number;
}

/** `80%` and `80` are both 0.8. */
function shareOf(value: string | number): number {
  return Number(String(value).replace(/\s*%$/, '')) / 100;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
