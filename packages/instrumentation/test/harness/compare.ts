/**
 * Compares what an app saw without and with instrumentation. Two things may differ, and only where the caller left
 * `stream_options.include_usage` of a completion stream unset:
 *
 * 1. the request asks for `stream_options.include_usage`, and then the provider sends one event more;
 * 2. a host that refuses `stream_options` saw, once in a scenario, a request more: the refused one.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Run, ScenarioRun } from './child.ts';
import type { Exchange } from './recorder.ts';

/** One difference: where, and what was seen without and with. */
export interface Difference {
  readonly where: string;
  readonly without: unknown;
  readonly with: unknown;
}

/** What a person is told, once for each model: no run can be without it where the price book has no row. */
const WITHOUT_PRICE = /^tokenmeter: the model ".*" of \S+ has no price: .*\n/gm;

export function compareRuns(without: Run, withIt: Run): Difference[] {
  const found: Difference[] = [];
  const names = new Set([...Object.keys(without.scenarios), ...Object.keys(withIt.scenarios)]);
  for (const name of names) {
    const before = without.scenarios[name];
    const after = withIt.scenarios[name];
    if (before && after) compareScenario(name, before, after, found);
    else found.push({ where: name, without: before ? 'ran' : 'absent', with: after ? 'ran' : 'absent' });
  }
  for (const key of ['skipped', 'stray', 'exitCode', 'signal'] as const)
    compare(`process > ${key}`, without[key], withIt[key], found);
  compare('process > stderr', without.stderr, withIt.stderr.replace(WITHOUT_PRICE, ''), found);
  return found;
}

/** Scenarios in which requests asked for a usage that the caller had left open. */
export function usesOfTheException(without: Run, withIt: Run): string[] {
  return Object.entries(withIt.scenarios).flatMap(([name, { exchanges }]) => {
    const before = without.scenarios[name]?.exchanges ?? [];
    return exchanges.some((exchange, index) => forgiveUsage(before[index], exchange) !== exchange) ? [name] : [];
  });
}

/** Readable, for the message of a failed assertion: the first difference of each scenario, and how many more. */
export function describeDifferences(differences: readonly Difference[]): string[] {
  const byScenario = new Map<string, Difference[]>();
  for (const difference of differences) {
    const scenario = scenarioOf(difference.where);
    byScenario.set(scenario, [...(byScenario.get(scenario) ?? []), difference]);
  }
  return [...byScenario.values()].map((found) => {
    const [first] = found;
    return `${first?.where}: without ${show(first?.without)}, with ${show(first?.with)} (${found.length} in all)`;
  });
}

/** The scenario that a difference belongs to, or `process`. */
export function scenarioOf(where: string): string {
  return where.split(' > ')[0] ?? where;
}

function compareScenario(name: string, before: ScenarioRun, after: ScenarioRun, found: Difference[]): void {
  compare(`${name} > lines`, before.lines, after.lines, found);
  compare(`${name} > requests`, before.exchanges, forgive(before.exchanges, after.exchanges), found);
}

function forgive(before: readonly Exchange[], after: readonly Exchange[]): readonly Exchange[] {
  const refused = after.findIndex((exchange) => exchange.status === 400 && asksForUsage(exchange.body));
  const longer = after.length === before.length + 1 && refused !== -1;
  const kept = longer ? after.filter((_, index) => index !== refused) : after;
  return kept.map((exchange, index) => forgiveUsage(before[index], exchange));
}

function forgiveUsage(before: Exchange | undefined, after: Exchange): Exchange {
  if (!before || !isBody(before.body) || !isBody(after.body)) return after;
  const left = before.body.stream_options;
  const unset =
    before.body.stream === true && (left === undefined || (isBody(left) && left.include_usage === undefined));
  if (!/\/completions(\?|$)/.test(after.path) || !unset || !asksForUsage(after.body)) return after;
  const { stream_options: asked, ...body } = after.body;
  const { include_usage: _, ...others } = asked as Record<string, unknown>;
  const events = after.end === 'complete' && after.events === (before.events ?? 0) + 1 ? before.events : after.events;
  return {
    ...after,
    body: left === undefined && !hasKeys(others) ? body : { ...body, stream_options: others },
    ...(events === undefined ? {} : { events }),
  };
}

function asksForUsage(body: unknown): boolean {
  return isBody(body) && isBody(body.stream_options) && body.stream_options.include_usage === true;
}

function isBody(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasKeys(value: object): boolean {
  return Object.keys(value).length > 0;
}

/** The innermost places at which two values differ. */
function compare(where: string, before: unknown, after: unknown, found: Difference[]): void {
  if (isDeepStrictEqual(before, after)) return;
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    before.forEach((value, index) => {
      compare(`${where}[${index}]`, value, after[index], found);
    });
    return;
  }
  if (isBody(before) && isBody(after) && isDeepStrictEqual(Object.keys(before).sort(), Object.keys(after).sort())) {
    for (const key of Object.keys(before)) compare(`${where}.${key}`, before[key], after[key], found);
    return;
  }
  found.push({ where, without: before, with: after });
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 400 ? `${text.slice(0, 400)}… (${text.length} characters)` : text;
}
