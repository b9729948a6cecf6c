/** The route of the HTTP request that is being handled, and what the configuration says about it. */
import { type Context, createContextKey, trace } from '@opentelemetry/api';
import { ATTR } from '@tokenmeter/semconv';
import { attributionConfig } from './config.ts';
import { NO_TAGS, type Tags, tagsOf } from './tags.ts';

/**
 * Where the HTTP instrumentation keeps `{ type, span, route? }` and the framework instrumentations (Express, Fastify, Koa
 * …) write the route. The key is `@opentelemetry/core`'s; its name is the same in its 1.x, 2.x and 3.x, and
 * `createContextKey` of one name gives one symbol, whoever calls it.
 */
const RPC_METADATA = createContextKey('OpenTelemetry SDK Context Key RPC_METADATA');

/** Structural: SDK spans show their attributes, API spans do not. */
interface MaybeReadableSpan {
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** The method, by its name in today's HTTP conventions and in those before 1.20. */
const METHOD_ATTRIBUTES = ['http.request.method', 'http.method'] as const;

interface Request {
  readonly route?: string;
  readonly method?: string;
}

/** Route and method of the server span of this context, where an instrumentation knows them by now. */
export function httpRequest(context: Context): Request {
  const metadata = context.getValue(RPC_METADATA) as { route?: unknown; span?: MaybeReadableSpan } | undefined;
  const active = trace.getSpan(context) as MaybeReadableSpan | undefined;
  const attributes = [metadata?.span?.attributes, active?.attributes];
  return {
    route: firstText(metadata?.route, ...attributes.map((known) => known?.[ATTR.httpRoute])),
    method: firstText(...attributes.flatMap((known) => METHOD_ATTRIBUTES.map((name) => known?.[name]))),
  };
}

function firstText(...candidates: unknown[]): string | undefined {
  return candidates.find((value): value is string => typeof value === 'string' && value !== '');
}

/** The tags for a request of this context: its route, and those of the first rule that matches it. */
export function routeTags(context: Context): Tags {
  const { route, method } = httpRequest(context);
  if (route === undefined) return NO_TAGS;
  const rule = attributionConfig().routes.find(
    (candidate) => matches(candidate.route, route) && (candidate.method === undefined || candidate.method === method),
  );
  return { ...rule?.tags, ...tagsOf({ route }) };
}

function matches(pattern: string, route: string): boolean {
  return pattern.endsWith('*') ? route.startsWith(pattern.slice(0, -1)) : pattern === route;
}
