/**
 * The instruments of the GenAI conventions, `gen_ai.*`, under names of ours: who reads these need not know which generation of
 * the conventions a process speaks, by which path its metrics came, or whether it is one of ours at all.
 *
 * - A generation renames instruments, and a process may speak two at once: of one call both are there, and the newer counts.
 * - A path adds the unit to a name or does not (`spellingsOf`).
 * - The provider was called `gen_ai.system`; a request's model may be missing where that of the answer is known.
 * - The environment stands on the resource only: `target_info` has it.
 *
 * Tokens are counted exactly, as money is. Buckets are not: they are for quantiles, and a memory for each bucket of each process
 * would cost more than everything else together.
 */
import { type ConventionInstrument, GENERATIONS, UNTAGGED } from '@tokenmeter/semconv';
import { LABEL, labelOf, list, spellingsOf } from '../names.ts';
import type { Rule } from './promql.ts';

const { stable, latest } = GENERATIONS;
const JOB = 'job';
const INSTANCE = 'instance';
const OLD_PROVIDER = labelOf('gen_ai.system');
const OLD_ENVIRONMENT = labelOf('deployment.environment');
const SCRATCH = 'came';

const { environment, feature, team, provider, requestModel, responseModel, operation } = LABEL;
const TOKEN_TYPE = LABEL.conventionTokenType;
/** By what calls are told apart. */
const CALL_LABELS: readonly string[] = [environment, feature, team, provider, requestModel, operation];

/** 1 for each process that sends `gen_ai.*`, with its environment. */
const PROCESSES = 'tokenmeter:gen_ai_process';

/** Seconds of a call, of the time to its first chunk, and tokens of a call: how many calls of the last five minutes by bucket. */
export const DURATION = 'tokenmeter_call:duration_seconds_bucket:increase5m';
export const FIRST_CHUNK = 'tokenmeter_call:time_to_first_chunk_seconds_bucket:increase5m';
export const CALL_TOKENS = 'tokenmeter_call:tokens_bucket:increase5m';

/** Exactly one environment for each process: one that said two would make the rules fail. */
export const PROCESS_RULE: Rule = {
  record: PROCESSES,
  expr: `topk by (${JOB}, ${INSTANCE}) (1,
  group by (${JOB}, ${INSTANCE}, ${environment}) (
    label_replace(last_over_time(target_info[1h]), "${environment}", "$1", "${OLD_ENVIRONMENT}", "(.+)")
  )
  or on (${JOB}, ${INSTANCE})
  group by (${JOB}, ${INSTANCE}, ${environment}) (last_over_time({__name__=~"gen_ai_client_.+_(sum|total|tokens)"}[1h]))
)`,
};

/** Everything that goes by one of the names; a series that has several counts once. */
function either<Name extends string>(names: readonly Name[], read: (name: Name) => string): string {
  return names.map(read).join('\nor ');
}

/** The newer generation's where a process speaks both, told by operation: embeddings have kept their instrument. */
function newerFirst(newer: string, older: string, labels: readonly string[] = [operation]): string {
  return newer === older ? older : `${newer}\nor on (${list([JOB, INSTANCE, ...labels])}) (\n${older}\n)`;
}

/**
 * What buckets grew by in five minutes. A series that was not there before them is new: `increase()` would lose its first
 * value, and a feature that is called now and then would have no duration at all.
 */
function grown(bucket: string): string {
  const before = `last_over_time(${bucket}[5m] offset 5m)`;
  return `(increase(${bucket}[5m]) and ${before})\nor (last_over_time(${bucket}[5m]) unless ${before})`;
}

function spellings(instrument: ConventionInstrument | undefined): readonly string[] {
  return instrument === undefined ? [] : spellingsOf(instrument);
}

function grownBuckets(instrument: ConventionInstrument | undefined): string {
  return either(spellings(instrument), (name) => grown(`${name}_bucket`));
}

/**
 * Summed up by `labels`, which all have then: provider, model, feature and environment. The processes are added up first, since
 * a label is dear to change on the series of each of them; what came under different labels stays apart until all have the
 * same.
 */
export function sumAlike(series: string, labels: readonly string[]): string {
  const came = [requestModel, responseModel, provider, OLD_PROVIDER, feature];
  const ofAll = `sum by (${list([...new Set([...labels, ...came])])}) (
  (${series})
  * on (${JOB}, ${INSTANCE}) group_left (${environment}) ${PROCESSES}
)`;
  const apart = `label_join(${ofAll}, "${SCRATCH}", ";", ${came.map((label) => `"${label}"`).join(', ')})`;
  const withModel = `label_replace(${apart}, "${requestModel}", "$1", "${SCRATCH}", ";([^;]+);.*")`;
  const withProvider = `label_replace(${withModel}, "${provider}", "$1", "${SCRATCH}", "[^;]*;[^;]*;;([^;]+);.*")`;
  const tagged = `label_replace(${withProvider}, "${feature}", "${UNTAGGED}", "${feature}", "")`;
  return `sum by (${list(labels)}) (${tagged})`;
}

function bucketRule(record: string, series: string, more: readonly string[] = []): Rule {
  return { record, expr: sumAlike(series, [...CALL_LABELS, ...more, 'le']) };
}

function ofType(series: string, type: string): string {
  return `label_replace(${series}, "${TOKEN_TYPE}", "${type}", "", "")`;
}

const TYPES = ['input', 'output'] as const;

/** The tokens of all calls of each process as they were last seen, input and output. */
export function tokensSeen(lastSeen: (counter: string) => string): string {
  const counters = TYPES.flatMap((type) => {
    return spellings(latest.tokenCounters[type]).map((name) => ofType(lastSeen(name), type));
  });
  return newerFirst(
    either(counters, (one) => one),
    either(spellings(stable.tokenUsage), (name) => lastSeen(`${name}_sum`)),
    [operation, TOKEN_TYPE],
  );
}

export const TOKEN_LABELS: readonly string[] = [...CALL_LABELS, TOKEN_TYPE];

export function conventionRules(): readonly Rule[] {
  const durations = newerFirst(grownBuckets(latest.inferenceDuration), grownBuckets(stable.inferenceDuration));
  const firstChunks = newerFirst(grownBuckets(latest.timeToFirstChunk), grownBuckets(stable.timeToFirstChunk));
  const newTokens = either(TYPES, (type) => ofType(`(\n${grownBuckets(latest.tokenHistograms[type])}\n)`, type));
  const tokens = newerFirst(newTokens, grownBuckets(stable.tokenUsage), [operation, TOKEN_TYPE]);
  return [
    bucketRule(DURATION, durations),
    bucketRule(FIRST_CHUNK, firstChunks),
    bucketRule(CALL_TOKENS, tokens, [TOKEN_TYPE]),
  ];
}
