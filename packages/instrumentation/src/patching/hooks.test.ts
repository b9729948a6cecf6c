import { expect, test } from 'vitest';
import { canHookInThread } from './hooks.ts';

// nodejs/node#59929 is in these releases and in all later ones of their lines.
test.each([
  ['22.15.0', false],
  ['22.22.2', false],
  ['22.22.3', true],
  ['22.23.2', true],
  ['23.11.0', false],
  ['24.11.0', false],
  ['24.11.1', true],
  ['25.0.0', false],
  ['25.1.0', true],
  ['26.0.0', true],
  ['30.1.0', true],
])('Node %s hooks imports in the thread of the app: %s', (version, expected) => {
  expect(canHookInThread(version)).toBe(expected);
});
