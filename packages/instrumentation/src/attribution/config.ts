/**
 * What configuration and environment say about attribution. It is process-wide: both builds of this package read one
 * copy. Until `configureAttribution` is called, the environment alone counts.
 */
import { shared } from '../state.ts';
import { type AttributionInput, type Tags, tagsOf } from './tags.ts';

/** Calls made while the server handles `route` belong to that feature. */
export interface RouteRule {
  /** `http.route` of the server span, e.g. `/api/search/:id`; a trailing `*` stands for any rest. */
  readonly route: string;
  /** `http.request.method` of the server span, upper case. Default: any. */
  readonly method?: string;
  readonly feature?: string;
  readonly team?: string;
  readonly tenant?: string;
}

export interface AttributionOptions {
  /** Default: `process.env`. Read once. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The first rule that matches wins. */
  readonly routes?: readonly RouteRule[];
  /** The features that the configuration declares, by name. */
  readonly features?: Readonly<Record<string, { readonly team?: string }>>;
  /**
   * The attribution keys that travel between services as W3C baggage, in both directions. Default:
   * {@link DEFAULT_BAGGAGE_KEYS}. OpenTelemetry sends baggage to every host that the app calls (never to an LLM
   * provider's, see `withoutBaggage`), so what identifies a customer travels only when it is named here.
   */
  readonly baggageKeys?: readonly string[];
}

export const DEFAULT_BAGGAGE_KEYS: readonly string[] = ['feature', 'team', 'request'];

export interface AttributionConfig {
  readonly environment: Tags;
  readonly routes: readonly { readonly route: string; readonly method?: string; readonly tags: Tags }[];
  readonly teams: ReadonlyMap<string, string>;
  readonly baggageKeys: readonly string[];
}

const current = shared<{ config?: AttributionConfig }>('attribution.config', () => ({}));

/** Replaces the process's attribution configuration. Never throws on values that are no strings: they are ignored. */
export function configureAttribution(options: AttributionOptions = {}): void {
  const teams = Object.entries(options.features ?? {}).flatMap(([name, declared]): [string, string][] => {
    const { team } = tagsOf({ team: declared.team });
    return team === undefined ? [] : [[name, team]];
  });
  current.config = {
    environment: environmentTags(options.env ?? process.env),
    routes: (options.routes ?? []).map(({ route, method, feature, team, tenant }) => ({
      route,
      method: method?.toUpperCase(),
      tags: tagsOf({ feature, team, tenant }),
    })),
    teams: new Map(teams),
    baggageKeys: options.baggageKeys ?? DEFAULT_BAGGAGE_KEYS,
  };
}

export function attributionConfig(): AttributionConfig {
  if (!current.config) configureAttribution();
  return current.config as AttributionConfig;
}

/** Whether the configuration declares a team for that feature. */
export function hasTeam(feature: string): boolean {
  return attributionConfig().teams.has(feature);
}

/** Where the environment states a tag, the dearest source first. The last name is the one before semconv 1.27. */
const ENVIRONMENT_SOURCES: Readonly<Record<string, { variable: string; resource: readonly string[] }>> = {
  feature: { variable: 'TOKENMETER_FEATURE', resource: ['tokenmeter.feature'] },
  team: { variable: 'TOKENMETER_TEAM', resource: ['tokenmeter.team'] },
  tenant: { variable: 'TOKENMETER_TENANT', resource: ['tokenmeter.tenant'] },
  environment: {
    variable: 'TOKENMETER_ENVIRONMENT',
    resource: ['deployment.environment.name', 'deployment.environment'],
  },
};

function environmentTags(env: Readonly<Record<string, string | undefined>>): Tags {
  const resource = resourceAttributes(env.OTEL_RESOURCE_ATTRIBUTES);
  const input: Record<string, string | undefined> = {};
  for (const [key, source] of Object.entries(ENVIRONMENT_SOURCES)) {
    const stated = [env[source.variable], ...source.resource.map((name) => resource.get(name))];
    input[key] = stated.find((value) => value !== undefined && value.trim() !== '');
  }
  return tagsOf(input satisfies AttributionInput);
}

/** `OTEL_RESOURCE_ATTRIBUTES`: `key=value` by commas, percent-encoded (OpenTelemetry resource specification). */
function resourceAttributes(text: string | undefined): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const entry of (text ?? '').split(',')) {
    const at = entry.indexOf('=');
    if (at > 0) found.set(entry.slice(0, at).trim(), decoded(entry.slice(at + 1).trim()));
  }
  return found;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
