/** An alert as plain text: the words that all channels for people share. */
import { type Alert, type BudgetEdge, type EdgeState, MOST_EDGES, type WindowKind } from '../types.ts';
import {
  budgetName,
  contributors,
  coverage,
  headline,
  resets,
  spentOf,
  stateWord,
  uncovered,
  windowName,
  windowSpan,
} from '../words.ts';

/** A label and what it says. */
export type Fact = readonly [label: string, value: string];

/** The title of an alert: one line. */
export function title({ edges, total, again }: Alert): string {
  const [first] = edges;
  if (total === 1) return headline(first, again);
  if (isDigest({ edges, total })) {
    const things = first.window.kind === 'call' ? 'calls' : 'requests';
    const what = first.state === 'OVER' ? 'over' : 'past a threshold';
    return `Budget ${budgetName(first)}: ${total} more ${things} ${what}, the dearest ${spentOf(first)} ${windowName(first)}`;
  }
  return `Budget ${first.identity.budget}: ${countStates(edges, total)} ${windowName(first)}`;
}

/** Calls and requests of a budget share one alert: what comes after the first is summed up. */
export function isDigest({ edges: [{ window }], total }: Pick<Alert, 'edges' | 'total'>): boolean {
  return total > 1 && passes(window.kind);
}

/** Is the window over with what was counted in it? */
export function passes(kind: WindowKind): boolean {
  return kind === 'call' || kind === 'request';
}

const STATES: readonly EdgeState[] = ['OVER', 'WARN', 'RESET'];

function countStates(edges: readonly BudgetEdge[], total: number): string {
  const counts = STATES.map((state) => ({ state, count: edges.filter((edge) => edge.state === state).length }))
    .filter(({ count }) => count > 0)
    .map(({ state, count }) => `${count} ${stateWord(state)}`);
  const more = total - edges.length;
  return more > 0 ? `${counts.join(', ')} and ${more} more` : counts.join(', ');
}

/** Everything else that a person should know of one edge. */
export function facts(edge: BudgetEdge): readonly Fact[] {
  const { identity, traceId, owner, note } = edge;
  const missing = uncovered(edge);
  const all: readonly (readonly [string, string | undefined])[] = [
    ['Environment', identity.environment],
    ['Window', windowSpan(edge)],
    ['Resets', resets(edge)],
    [
      'Counted',
      missing > 0 ? `${coverage(edge)}. What ${missing} of them cost is not known and not in the sum` : coverage(edge),
    ],
    ['Most of it', contributors(edge).join(', ') || undefined],
    ['Feature', identity.feature],
    ['Team', identity.team],
    ['Owner', owner],
    ['Trace', traceId],
    ['Note', note],
  ];
  return all.filter((fact): fact is Fact => fact[1] !== undefined && fact[1] !== '');
}

/** One line for an edge among several of its budget. */
export function line(edge: BudgetEdge): string {
  const { identity, state, traceId, top } = edge;
  const reset = resets(edge);
  const parts = [
    `${identity.scope ? `${identity.scope.key} ${identity.scope.value}: ` : ''}${stateWord(state)}, ${spentOf(edge)}`,
    coverage(edge),
    top[0] && `most of it ${contributors({ ...edge, top: [top[0]] })[0]}`,
    reset && `resets ${reset}`,
    traceId && `trace ${traceId}`,
  ];
  return parts.filter(Boolean).join('; ');
}

/** What several edges have in common, under their lines. */
export function sharedFacts({ edges, total }: Alert): readonly Fact[] {
  const [{ identity, owner }] = edges;
  const all: readonly (readonly [string, string | undefined])[] = [
    ['Environment', identity.environment],
    ['Owner', owner],
    [
      'Not listed',
      total > edges.length ? `${total - edges.length} more; the worst ${MOST_EDGES} are above` : undefined,
    ],
  ];
  return all.filter((fact): fact is Fact => fact[1] !== undefined);
}

/** The whole alert. */
export function alertText(alert: Alert): string {
  const { edges, total } = alert;
  const lines = total === 1 ? [] : edges.map((edge) => `- ${line(edge)}`);
  const more = total === 1 ? facts(edges[0]) : sharedFacts(alert);
  return [title(alert), ...lines, ...more.map(([label, value]) => `${label}: ${value}`)].join('\n');
}
