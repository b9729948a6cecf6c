/**
 * What this process has spent so far, by feature, with its coverage: for the exit summary and the status file. Bounded,
 * whatever the app does. The sums that count are the ledger's and the metrics'.
 */
import type { CallRecord } from '@tokenmeter/ledger';
import type { CostStatus } from '@tokenmeter/pricing';
import { OTHER, UNTAGGED } from '@tokenmeter/semconv';

/** Plain data that survives JSON: it travels from a child process to its parent in the status file. */
export interface FeatureTally {
  readonly feature: string;
  readonly calls: number;
  readonly input: number;
  readonly output: number;
  /** Exact pico-USD of the calls whose amount is known, as a decimal string. */
  readonly pico: string;
  readonly statuses: Readonly<Partial<Record<CostStatus, number>>>;
}

export interface TallySnapshot {
  readonly features: readonly FeatureTally[];
  /** `provider/model` of unpriced calls, and how many. */
  readonly unpriced: Readonly<Record<string, number>>;
  /** `file:line` of untagged calls, and how many. */
  readonly untagged: Readonly<Record<string, number>>;
}

export interface Tally {
  add(record: CallRecord): void;
  snapshot(): TallySnapshot;
}

const MOST_FEATURES = 200;
const MOST_NAMES = 50;

interface Row {
  calls: number;
  input: number;
  output: number;
  pico: bigint;
  statuses: Partial<Record<CostStatus, number>>;
}

export function createTally(): Tally {
  const features = new Map<string, Row>();
  const unpriced = new Map<string, number>();
  const untagged = new Map<string, number>();
  return {
    add(record) {
      const row = rowOf(features, record.attribution.feature);
      const { status } = record.cost;
      row.calls += 1;
      row.input += record.usage?.input ?? 0;
      row.output += record.usage?.output ?? 0;
      row.pico += record.cost.pico ?? 0n;
      row.statuses[status] = (row.statuses[status] ?? 0) + 1;
      if (status === 'unpriced') {
        count(unpriced, `${record.provider}/${record.responseModel ?? record.requestModel ?? 'unknown model'}`);
      }
      if (record.attribution.feature === UNTAGGED) count(untagged, record.callSite ?? 'unknown place');
    },
    snapshot: () => ({
      features: [...features].map(([feature, row]) => ({ ...row, feature, pico: String(row.pico) })),
      unpriced: Object.fromEntries(unpriced),
      untagged: Object.fromEntries(untagged),
    }),
  };
}

/** Adds snapshots of several processes. */
export function mergeTallies(snapshots: readonly TallySnapshot[]): TallySnapshot {
  const features = new Map<string, Row>();
  const unpriced = new Map<string, number>();
  const untagged = new Map<string, number>();
  for (const snapshot of snapshots) {
    for (const one of snapshot.features) {
      const row = rowOf(features, one.feature);
      row.calls += one.calls;
      row.input += one.input;
      row.output += one.output;
      row.pico += BigInt(one.pico);
      for (const [status, calls] of Object.entries(one.statuses)) {
        const key = status as CostStatus;
        row.statuses[key] = (row.statuses[key] ?? 0) + calls;
      }
    }
    for (const [model, calls] of Object.entries(snapshot.unpriced)) count(unpriced, model, calls);
    for (const [site, calls] of Object.entries(snapshot.untagged)) count(untagged, site, calls);
  }
  return {
    features: [...features].map(([feature, row]) => ({ ...row, feature, pico: String(row.pico) })),
    unpriced: Object.fromEntries(unpriced),
    untagged: Object.fromEntries(untagged),
  };
}

function rowOf(features: Map<string, Row>, feature: string): Row {
  const name = features.has(feature) || features.size < MOST_FEATURES ? feature : OTHER;
  let row = features.get(name);
  if (row === undefined) {
    row = { calls: 0, input: 0, output: 0, pico: 0n, statuses: {} };
    features.set(name, row);
  }
  return row;
}

function count(counts: Map<string, number>, name: string, by = 1): void {
  const key = counts.has(name) || counts.size < MOST_NAMES ? name : OTHER;
  counts.set(key, (counts.get(key) ?? 0) + by);
}
