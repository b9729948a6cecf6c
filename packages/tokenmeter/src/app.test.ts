import { describe, expect, it } from 'vitest';
import { describeApp, parseResourceAttributes } from './app.ts';
import { ownInstanceId } from './otel/start.ts';

describe('the name of the service', () => {
  it.each([
    [{ OTEL_SERVICE_NAME: 'a', OTEL_RESOURCE_ATTRIBUTES: 'service.name=b' }, 'c', 'a'],
    [{ OTEL_RESOURCE_ATTRIBUTES: 'service.name=b' }, 'c', 'b'],
    [{ OTEL_SERVICE_NAME: ' ' }, 'c', 'c'],
  ])('%o, configured %s: %s', (env, service, name) => {
    expect(describeApp(env, { service }).resource['service.name']).toBe(name);
  });
});

describe('OTEL_RESOURCE_ATTRIBUTES', () => {
  it('is decoded pair by pair; what is broken costs nothing but itself', () => {
    expect(parseResourceAttributes('a=1, b=x%20y ,broken,=z,c=%,d=e=f')).toEqual({ a: '1', b: 'x y', d: 'e=f' });
  });

  it('gives each process that inherits it an instance id of its own', () => {
    const text = 'service.name=shop,service.instance.id=pod-1,team=x';
    const own = ownInstanceId(text) ?? '';
    expect(own).toMatch(/^service\.name=shop,service\.instance\.id=pod-1-[0-9a-f-]{36},team=x$/);
    expect(ownInstanceId(text)).not.toBe(own);
    expect(ownInstanceId('service.name=shop')).toBe('service.name=shop');
    expect(ownInstanceId(undefined)).toBeUndefined();
  });
});
