import { expect, test } from 'vitest';
import { frameworkAttribution } from './metadata.ts';

test('only keys of attribution are read, by their names and by those that frameworks use', () => {
  const metadata = { feature: 'search', user_id: 42, thread_id: 't1', tenantId: 'acme', langgraph_step: 3, extra: 'x' };
  expect(frameworkAttribution(metadata)).toEqual({ feature: 'search', user: '42', session: 't1', tenant: 'acme' });
});

test('the key itself wins over its other names', () => {
  expect(frameworkAttribution({ session_id: 's', session: 'own', thread_id: 't' })).toEqual({ session: 'own' });
});

test('a tag is attribution if it names a key', () => {
  expect(frameworkAttribution(['beta', 'feature:rag: search', 'team:', 'colour:red', 7])).toEqual({
    feature: 'rag: search',
  });
});

test('the later source wins, and none is none', () => {
  expect(frameworkAttribution(['feature:a'], { feature: 'b', team: 'x' }, undefined, ['team:y'])).toEqual({
    feature: 'b',
    team: 'y',
  });
  expect(frameworkAttribution(undefined, {}, [], 'feature:x', { feature: { name: 'x' } })).toBeUndefined();
});
