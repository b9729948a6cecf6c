/**
 * What a process tells about itself: its status file, kept fresh while it runs and written a last time when it ends, and
 * the summary of the run, which only its first process prints.
 */
import { patchedPackages, VERSION } from '@tokenmeter/instrumentation';
import { ATTR } from '@tokenmeter/semconv';
import type { App } from './app.ts';
import type { Destinations } from './destinations.ts';
import type { Switches } from './environment.ts';
import type { Lineage } from './lineage.ts';
import { resourceAttributes } from './otel/providers.ts';
import { readStatuses, type StatusFacts, writeStatus } from './status.ts';
import { renderSummary } from './summary.ts';
import { mergeTallies, type Tally, type TallySnapshot } from './tally.ts';
import type { Warnings } from './warnings.ts';

const FIRST_WRITE_MS = 1000;
const REWRITE_MS = 15_000;

export interface ReporterOptions {
  readonly lineage: Lineage;
  readonly app: App;
  /** The ledger's folder. */
  readonly folder: string;
  readonly switches: Switches;
  readonly warnings: Warnings;
  readonly tally: Tally;
  readonly destinations: Destinations;
}

export interface Reporter {
  /** Something changed: the status file will say so soon. Cheap: called for every call. */
  touch(): void;
  /** The last word, synchronously. */
  finish(): void;
}

export function createReporter(options: ReporterOptions): Reporter {
  const { lineage, app, folder, switches, warnings, tally, destinations } = options;
  const startedAt = new Date().toISOString();
  let timer: NodeJS.Timeout | undefined;
  let wrote = false;

  function facts(snapshot: TallySnapshot): StatusFacts {
    const ledger = destinations.decided();
    const resource = resourceAttributes();
    return {
      run: lineage.run,
      pid: lineage.pid,
      thread: lineage.thread,
      startedAt,
      node: process.version,
      tokenmeter: VERSION,
      cwd: process.cwd(),
      script: app.script,
      packages: patchedPackages().map(({ name, version, path, tested, targets }) => ({
        name,
        version,
        path,
        tested,
        targets,
      })),
      reach: destinations.reach(),
      ledger: ledger === undefined ? undefined : { ...ledger, folder },
      instanceId: resource === undefined ? undefined : typeof resource[ATTR.serviceInstanceId] === 'string',
      warnings: warnings.all(),
      tally: snapshot,
    };
  }

  function write(): void {
    timer = undefined;
    if (switches.status === false) return;
    const status = facts(tally.snapshot());
    const speaks = status.packages.length + status.warnings.length + status.tally.features.length > 0;
    if (!speaks && switches.status !== true) return;
    try {
      writeStatus(folder, status);
      wrote = true;
    } catch {
      // A folder that cannot be written is the ledger's to report.
    }
  }

  return {
    touch() {
      timer ??= setTimeout(write, wrote ? REWRITE_MS : FIRST_WRITE_MS).unref();
    },
    finish() {
      clearTimeout(timer);
      write();
      const wanted = switches.summary ?? process.stderr.isTTY === true;
      if (!lineage.first || !wanted) return;
      const children = readStatuses(folder).filter(
        (status) => status.run === lineage.run && (status.pid !== lineage.pid || status.thread !== lineage.thread),
      );
      const text = renderSummary(
        mergeTallies([tally.snapshot(), ...children.map((status) => status.tally)]),
        nextSteps(destinations),
      );
      if (text !== undefined) process.stderr.write(text);
    },
  };
}

function nextSteps(destinations: Destinations): string[] {
  return destinations.decided()?.on === false
    ? ['metrics went to the OpenTelemetry backend; keep a local ledger as well: TOKENMETER_LEDGER=1']
    : ['cost by feature: npx tokenmeter', 'what is untagged or unpriced: npx tokenmeter doctor'];
}
