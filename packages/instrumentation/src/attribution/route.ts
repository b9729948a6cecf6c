/** The route of the HTTP request that is being handled, and what the configuration says about it. */
import { type Context, createContextKey, trace } from '@opentelemetry/api';
import { ATTR } from '@tokenmeter/semconv';
import type { AttributionConfig } from './config.ts';
import { Memo } from './memo.ts';
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
  readonly route: string;
  readonly method?: string;
}

/** Route and method of the server span of this context; undefined where no instrumentation knows the route by now. */
export function httpRequest(context: Context): Request | undefined {
  const metadata = context.getValue(RPC_METADATA) as { route?: unknown; span?: MaybeReadableSpan } | undefined;
  const server = metadata?.span?.attributes;
  const active = (trace.getSpan(context) as MaybeReadableSpan | undefined)?.attributes;
  const route = text(metadata?.route) ?? text(server?.[ATTR.httpRoute]) ?? text(active?.[ATTR.httpRoute]);
  if (route === undefined) return undefined;
  const methods = [server, active].flatMap((known) => METHOD_ATTRIBUTES.map((name) => text(known?.[name])));
  return { route, method: methods.find((method) => method !== undefined) };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

const kept = new Memo<string, Tags>(1_000);

/** The tags for a request of this context: its route, and those of the first rule that matches it. Equal ones are the same. */
export function routeTags(context: Context): Tags {
  const request = httpRequest(context);
  return request ? kept.of(`${request.method} ${request.route}`, (config) => tagsFor(request, config)) : NO_TAGS;
}

function tagsFor({ route, method }: Request, { routes }: AttributionConfig): Tags {
  const rule = routes.find(
    (candidate) => matches(candidate.route, route) && (candidate.method === undefined || candidate.method === method),
  );
  return { ...rule?.tags, ...tagsOf({ route }) };
}

function matches(pattern: string, route: string): boolean {
  return pattern.endsWith('*') ? route.startsWith(pattern.slice(0, -1)) : pattern === route;
}
