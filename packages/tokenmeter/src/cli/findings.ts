/** What in the statuses of processes needs a hand, and what to do about it. Pure: the table below is the whole of it. */
import type { Status } from '../status.ts';
import { mergeTallies } from '../tally.ts';

export interface Finding {
  /** What is the matter, and where. */
  readonly what: string;
  /** What to do. */
  readonly next: string;
}

type Check = (statuses: readonly Status[]) => Finding[];

const MOST_NAMED = 10;

const CHECKS: readonly Check[] = [
  function noSdk(statuses) {
    if (statuses.some((status) => status.packages.length > 0)) return [];
    return [
      {
        what: 'No process has loaded an LLM SDK that Tokenmeter knows; the README lists them.',
        next: 'In a bundled app the SDK cannot be seen being loaded: call instrument(OpenAI) from "tokenmeter" once.',
      },
    ];
  },
  function unpatched(statuses) {
    return distinct(statuses, (status) =>
      status.packages
        .filter(({ targets }) => targets.length === 0)
        .map(({ name, version }) => ({
          what: `${name} ${version ?? ''} is loaded, and none of its methods could be patched: its calls are not seen.`,
          next: 'Look for a newer tokenmeter, or use a version of the SDK that it has been tested with.',
        })),
    );
  },
  function untested(statuses) {
    return distinct(statuses, (status) =>
      status.packages
        .filter(({ tested, targets }) => !tested && targets.length > 0)
        .map(({ name, version }) => ({
          what: `${name} ${version ?? ''} is outside the range that Tokenmeter is tested with.`,
          next: 'Compare its calls with the provider’s own usage page, and look for a newer tokenmeter.',
        })),
    );
  },
  function nowhere(statuses) {
    return distinct(statuses, (status) =>
      status.ledger?.on === false && status.reach.metrics === 'off'
        ? [
            {
              what: `The calls of ${nameOf(status)} are recorded nowhere: the ledger is off (${status.ledger.why}) and no metrics leave the process.`,
              next: 'Unset TOKENMETER_LEDGER, or set OTEL_EXPORTER_OTLP_ENDPOINT.',
            },
          ]
        : [],
    );
  },
  function noInstance(statuses) {
    return distinct(statuses, (status) =>
      status.instanceId === false && status.reach.metrics === 'joined'
        ? [
            {
              what: `The MeterProvider of ${nameOf(status)} has no service.instance.id: two processes of it become one series, and money is lost or counted twice.`,
              next: 'Give its resource a random service.instance.id per process, e.g. by serviceInstanceIdDetector of @opentelemetry/resources.',
            },
          ]
        : [],
    );
  },
  function warned(statuses) {
    return distinct(statuses, (status) =>
      status.warnings.map((warning) => ({ what: warning, next: `It was said by ${nameOf(status)}.` })),
    );
  },
  function unpriced(statuses) {
    const { unpriced } = mergeTallies(statuses.map((status) => status.tally));
    return sorted(unpriced).map(([model, calls]) => ({
      what: `${model} has no price: ${calls} ${calls === 1 ? 'call is' : 'calls are'} in no total.`,
      next: 'A newer tokenmeter may know the model: npm install tokenmeter@latest.',
    }));
  },
  function untagged(statuses) {
    const { untagged } = mergeTallies(statuses.map((status) => status.tally));
    return sorted(untagged).map(([site, calls]) => ({
      what: `${calls} ${calls === 1 ? 'call' : 'calls'} at ${site} ${calls === 1 ? 'has' : 'have'} no feature.`,
      next: 'Wrap it: withFeature(\'…\', () => …), from "tokenmeter"; or map its route to a feature in tokenmeter.yaml.',
    }));
  },
];

/** @param statuses not empty */
export function findings(statuses: readonly Status[]): Finding[] {
  return CHECKS.flatMap((check) => check(statuses));
}

/** How a person calls a process. */
export function nameOf(status: Status): string {
  const script = status.script?.replace(`${status.cwd}/`, '') ?? 'node';
  return `${script} (pid ${status.pid}${status.thread === 0 ? '' : `, thread ${status.thread}`})`;
}

/** What several processes say in the same words counts once. */
function distinct(statuses: readonly Status[], of: (status: Status) => Finding[]): Finding[] {
  const byText = new Map<string, Finding>();
  for (const status of statuses) {
    for (const finding of of(status)) {
      const key = finding.what.replace(/\(pid [^)]*\)/, '');
      if (!byText.has(key)) byText.set(key, finding);
    }
  }
  return [...byText.values()];
}

function sorted(counts: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .slice(0, MOST_NAMED);
}
