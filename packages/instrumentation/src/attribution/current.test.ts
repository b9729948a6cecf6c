import { type Context, context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { RPCType, setRPCMetadata } from '@opentelemetry/core';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configureAttribution, currentAttribution, withAttribution, withFrameworkAttribution } from './index.ts';

beforeEach(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterEach(() => context.disable());

const span = new TracerProvider().getTracer('test').startSpan('GET /search/:id');
const handling = (route: string | undefined): Context =>
  setRPCMetadata(trace.setSpan(ROOT_CONTEXT, span), { type: RPCType.HTTP, span, route });
const incoming = (active: Context, feature: string): Context =>
  propagation.setBaggage(active, propagation.createBaggage({ 'tokenmeter.feature': { value: feature } }));

describe('precedence', () => {
  // Each source alone, and all that rank below it: the feature must be its own.
  const sources = ['explicit', 'context', 'call metadata', 'framework', 'baggage', 'route', 'environment'] as const;
  type Source = (typeof sources)[number];

  const resolve = (present: ReadonlySet<Source>): string => {
    const given = (source: Source): string | undefined => (present.has(source) ? source : undefined);
    configureAttribution({
      env: { TOKENMETER_FEATURE: given('environment') },
      routes: present.has('route') ? [{ route: '/search/:id', feature: 'route' }] : [],
    });
    let active = handling('/search/:id');
    if (present.has('baggage')) active = incoming(active, 'baggage');
    return context.with(active, () =>
      withFrameworkAttribution({ feature: given('framework') }, () =>
        withAttribution(
          { feature: given('context') },
          () => currentAttribution({ feature: given('explicit') }, { feature: given('call metadata') }).feature,
        ),
      ),
    );
  };

  it.each(sources)('%s wins over all that rank below it', (source) => {
    const below = sources.slice(sources.indexOf(source));
    expect(resolve(new Set(below))).toBe(source);
    expect(resolve(new Set([source]))).toBe(source);
  });

  it('ends at untagged', () => {
    expect(resolve(new Set())).toBe('untagged');
  });

  it('is decided key by key', () => {
    configureAttribution({
      env: { TOKENMETER_FEATURE: 'from-env', TOKENMETER_TEAM: 'env-team', TOKENMETER_ENVIRONMENT: 'prod' },
      routes: [{ route: '/search/*', feature: 'by-route', tenant: 'route-tenant' }],
    });
    context.with(handling('/search/:id'), () =>
      withAttribution({ user: 'u1' }, () =>
        expect(currentAttribution({ session: 's1' })).toEqual({
          feature: 'by-route',
          team: 'env-team',
          tenant: 'route-tenant',
          environment: 'prod',
          route: '/search/:id',
          user: 'u1',
          session: 's1',
        }),
      ),
    );
  });
});

describe('the team of a feature', () => {
  it('is the declared one, unless a source that ranks as high says otherwise', () => {
    configureAttribution({
      env: { TOKENMETER_TEAM: 'env-team' },
      features: { search: { team: 'search-team' }, teamless: {} },
    });
    expect(currentAttribution({ feature: 'search' }).team).toBe('search-team');
    expect(currentAttribution({ feature: 'search', team: 'guests' }).team).toBe('guests');
    expect(currentAttribution({ feature: 'teamless' }).team).toBe('env-team');
    expect(currentAttribution({ feature: 'unknown' }).team).toBe('env-team');
    withAttribution({ feature: 'search' }, () => expect(currentAttribution({ team: 'guests' }).team).toBe('guests'));
  });
});

describe('the route', () => {
  it('a rule with a method is for requests of that method only', () => {
    configureAttribution({ env: {}, routes: [{ method: 'post', route: '/a', feature: 'a' }] });
    const tracer = new TracerProvider().getTracer('test');
    const featureOf = (method: string): string => {
      const attributes = { 'http.route': '/a', 'http.request.method': method };
      const active = trace.setSpan(ROOT_CONTEXT, tracer.startSpan(method, { attributes }));
      return context.with(active, () => currentAttribution().feature);
    };
    expect([featureOf('POST'), featureOf('GET')]).toEqual(['a', 'untagged']);
  });

  it('is known as soon as the framework has written it, and comes from the server span otherwise', () => {
    configureAttribution({ env: {}, routes: [{ route: '/a', feature: 'a' }] });
    expect(context.with(handling(undefined), () => currentAttribution())).toEqual({ feature: 'untagged' });
    const tagged = new TracerProvider().getTracer('test').startSpan('GET', { attributes: { 'http.route': '/a' } });
    const active = trace.setSpan(ROOT_CONTEXT, tagged);
    expect(context.with(active, () => currentAttribution())).toEqual({ feature: 'a', route: '/a' });
    const remote = setRPCMetadata(ROOT_CONTEXT, { type: RPCType.HTTP, span: tagged });
    expect(context.with(trace.setSpan(remote, span), () => currentAttribution().feature)).toBe('a');
  });

  it('matches exactly, or by a prefix; the first rule wins', () => {
    configureAttribution({
      env: {},
      routes: [
        { route: '/api/search', feature: 'search' },
        { route: '/api/*', feature: 'api' },
        { route: '*', feature: 'rest' },
      ],
    });
    const featureOf = (route: string): string => context.with(handling(route), () => currentAttribution().feature);
    expect(['/api/search', '/api/search/:id', '/apiary'].map(featureOf)).toEqual(['search', 'api', 'rest']);
  });
});

describe('the environment', () => {
  it.each([
    [{ TOKENMETER_ENVIRONMENT: 'a', OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=b' }, 'a'],
    [{ OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=c, deployment.environment.name = b%20c ,x' }, 'b c'],
    [{ OTEL_RESOURCE_ATTRIBUTES: 'service.name=s,deployment.environment=c' }, 'c'],
    [{ OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=100%' }, '100%'],
    [{ TOKENMETER_ENVIRONMENT: ' ' }, undefined],
  ])('%j says %s', (env, expected) => {
    configureAttribution({ env });
    expect(currentAttribution().environment).toBe(expected);
  });

  it('gives feature, team and tenant by variables or resource attributes', () => {
    const OTEL_RESOURCE_ATTRIBUTES = 'tokenmeter.feature=f,tokenmeter.team=t,tokenmeter.tenant=n';
    configureAttribution({ env: { OTEL_RESOURCE_ATTRIBUTES, TOKENMETER_TEAM: 'T' } });
    expect(currentAttribution()).toEqual({ feature: 'f', team: 'T', tenant: 'n' });
  });
});
