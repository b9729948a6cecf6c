/**
 * Backends that want more than OpenTelemetry's attributes: each is a file that is merged over `collector-config.yaml` and adds a
 * way of its own out of it. What another backend gets stays as it is.
 *
 * Sources: LangSmith's "Trace with OpenTelemetry" (attribute mapping), Langfuse's OTLP ingestion (August 2026).
 */
import { ATTR, TOKENMETER_ATTR } from '@tokenmeter/semconv';
import { env, PATIENT, queue } from './config.ts';
import { attribute, escaped, isSet, resource, text } from './ottl.ts';

interface Preset {
  /** `deploy/collector-<name>.yaml`. */
  readonly name: string;
  readonly about: string;
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly statements: readonly string[];
}

/** What tells calls apart, by the name that a backend's filters show. */
const METADATA: Readonly<Record<string, string>> = {
  feature: attribute(TOKENMETER_ATTR.feature),
  team: attribute(TOKENMETER_ATTR.team),
  tenant: attribute(TOKENMETER_ATTR.tenant),
  route: attribute(TOKENMETER_ATTR.route),
  environment: resource(ATTR.environment),
  cost_usd: attribute(TOKENMETER_ATTR.costUsd),
  cost_status: attribute(TOKENMETER_ATTR.costStatus),
  outcome: attribute(TOKENMETER_ATTR.outcome),
};

function copy(to: string, from: string): string {
  return `set(${attribute(to)}, ${from}) where ${isSet(from)}`;
}

/** Keys of the app's own, from `tokenmeter.attribution.plan` to `<prefix>plan`; in the last place, as they are renamed. */
function metadata(prefix: string): readonly string[] {
  const own = TOKENMETER_ATTR.attributionPrefix.replaceAll('.', '\\.');
  return [
    ...Object.entries(METADATA).map(([key, from]) => copy(`${prefix}${key}`, from)),
    `replace_all_patterns(span.attributes, "key", ${text(`^${own}`)}, ${text(prefix)})`,
  ];
}

const OPERATION = attribute(ATTR.operationName);
const provider = attribute(ATTR.providerName);

const LANGSMITH: Preset = {
  name: 'langsmith',
  about: 'LangSmith: feature, team, tenant, cost and your own keys as metadata of each run.',
  endpoint: env('LANGSMITH_OTLP_ENDPOINT', 'https://api.smith.langchain.com/otel'),
  headers: { 'x-api-key': env('LANGSMITH_API_KEY', ''), 'Langsmith-Project': env('LANGSMITH_PROJECT', 'default') },
  statements: [
    // By itself it knows "chat" only.
    `set(${attribute('langsmith.span.kind')}, "llm") where ${isSet(OPERATION)} and IsMatch(${OPERATION}, "^(chat|text_completion|generate_content)$")`,
    `set(${attribute('langsmith.span.kind')}, "embedding") where ${OPERATION} == "embeddings"`,
    // What it prices by.
    copy('langsmith.metadata.ls_provider', provider),
    copy('langsmith.metadata.ls_model_name', attribute(ATTR.requestModel)),
    copy('langsmith.metadata.ls_model_name', attribute(ATTR.responseModel)),
    copy('langsmith.metadata.user_id', attribute(ATTR.userId)),
    copy('langsmith.metadata.session_id', attribute(ATTR.sessionId)),
    copy('langsmith.metadata.thread_id', attribute(ATTR.conversationId)),
    ...metadata('langsmith.metadata.'),
  ],
};

const LANGFUSE: Preset = {
  name: 'langfuse',
  about:
    'Langfuse: feature, team, tenant and your own keys as metadata of each observation, and our cost in the place of its own.',
  endpoint: env('LANGFUSE_OTLP_ENDPOINT', 'https://cloud.langfuse.com/api/public/otel'),
  headers: { Authorization: `Basic ${env('LANGFUSE_AUTH', '')}` },
  statements: [
    copy('gen_ai.usage.cost', attribute(TOKENMETER_ATTR.costUsd)),
    ...metadata('langfuse.observation.metadata.'),
  ],
};

const PRESETS: readonly Preset[] = [LANGSMITH, LANGFUSE];

export interface PresetFile {
  readonly path: string;
  readonly about: string;
  readonly config: object;
}

/** Not sampled: these backends add up what they get. */
export function presetFiles(): readonly PresetFile[] {
  return PRESETS.map(({ name, about, endpoint, headers, statements }) => ({
    path: `deploy/collector-${name}.yaml`,
    about,
    config: {
      exporters: {
        [`otlp_http/${name}`]: {
          endpoint,
          headers,
          retry_on_failure: PATIENT,
          sending_queue: queue(100_000),
        },
      },
      processors: {
        [`transform/${name}`]: { error_mode: 'ignore', trace_statements: [{ statements: statements.map(escaped) }] },
      },
      service: {
        pipelines: {
          [`traces/${name}`]: {
            receivers: ['forward/priced'],
            processors: ['transform/clean', `transform/${name}`],
            exporters: [`otlp_http/${name}`],
          },
        },
      },
    },
  }));
}
