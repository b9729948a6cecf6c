/**
 * The environment variables that decide what a process does, read once and turned into facts. The table of all of them
 * stands in `docs/environment.md`. As OpenTelemetry specifies, an empty value counts as not set.
 */

export type Environment = Readonly<Record<string, string | undefined>>;

/** The signals that `register` may start. Logs are not: events of budgets go to the app's own provider. */
export type Signal = 'traces' | 'metrics';

export const SIGNALS: readonly Signal[] = ['traces', 'metrics'];

export interface Switches {
  /** Patch nothing at all. */
  readonly disabled: boolean;
  /** `TOKENMETER_LEDGER`: undefined lets {@link file://./destinations.ts} decide. */
  readonly ledger?: boolean;
  /** `TOKENMETER_SUMMARY`: undefined means "on a terminal". */
  readonly summary?: boolean;
  /** `TOKENMETER_STATUS`: undefined means "where there is something to say". */
  readonly status?: boolean;
  /** `TOKENMETER_STREAM_USAGE`: false leaves `stream_options` of OpenAI streams as the app sets it. */
  readonly streamUsage?: boolean;
  /** `TOKENMETER_BUDGETS`: false counts, refuses and alerts nothing. */
  readonly budgets?: boolean;
  /** `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT`: where what is said in calls goes; undefined: not a word for it. */
  readonly content: ContentPlaces | undefined;
  /** Which signals `OTEL_*` asks for. */
  readonly asked: Readonly<Record<Signal, boolean>>;
  /** `OTEL_CONFIG_FILE`: it decides about every signal itself. */
  readonly configFile?: string;
}

export interface ContentPlaces {
  readonly spans: boolean;
  readonly events: boolean;
}

/** @param env usually `process.env` */
export function readSwitches(env: Environment): Switches {
  return {
    disabled: truth(env.TOKENMETER_DISABLED) === true || truth(env.OTEL_SDK_DISABLED) === true,
    ledger: truth(env.TOKENMETER_LEDGER),
    summary: truth(env.TOKENMETER_SUMMARY),
    status: truth(env.TOKENMETER_STATUS),
    streamUsage: truth(env.TOKENMETER_STREAM_USAGE),
    budgets: truth(env.TOKENMETER_BUDGETS),
    content: contentPlaces(env[CAPTURE_CONTENT]),
    asked: { traces: asksFor(env, 'TRACES'), metrics: asksFor(env, 'METRICS') },
    configFile: text(env.OTEL_CONFIG_FILE),
  };
}

/** Does `OTEL_*` ask for an exporter? The SDK's own default, OTLP to localhost, is not asked for. */
function asksFor(env: Environment, signal: 'TRACES' | 'METRICS'): boolean {
  const exporters = text(env[`OTEL_${signal}_EXPORTER`])
    ?.split(',')
    .map((name) => name.trim());
  if (exporters) return !exporters.includes('none');
  return (text(env.OTEL_EXPORTER_OTLP_ENDPOINT) ?? text(env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`])) !== undefined;
}

/** The variable of the GenAI conventions, which the instrumentations of all languages share. */
export const CAPTURE_CONTENT = 'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT';

/** As the instrumentations of OpenTelemetry read it, in any case of letters. The first of each row is what `docs/` name. */
export const CONTENT_WORDS: readonly (readonly [words: readonly string[], places: ContentPlaces])[] = [
  [['no_content', 'none', 'false', '0'], { spans: false, events: false }],
  [['span_only', 'span', 'true', '1'], { spans: true, events: false }],
  [['event_only', 'event'], { spans: false, events: true }],
  [['span_and_event', 'both', 'all'], { spans: true, events: true }],
];

function contentPlaces(value: string | undefined): ContentPlaces | undefined {
  const word = text(value)?.toLowerCase() ?? 'no_content';
  return CONTENT_WORDS.find(([words]) => words.includes(word))?.[1];
}

const TRUTH: ReadonlyMap<string, boolean> = new Map([
  ['1', true],
  ['true', true],
  ['on', true],
  ['0', false],
  ['false', false],
  ['off', false],
]);

function truth(value: string | undefined): boolean | undefined {
  return TRUTH.get(text(value)?.toLowerCase() ?? '');
}

function text(value: string | undefined): string | undefined {
  return value?.trim() || undefined;
}
