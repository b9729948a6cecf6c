import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareVersions } from './versions.ts';

const version = fc.tuple(fc.nat(200), fc.nat(200), fc.nat(200));

test('versions are ordered by their numbers, not as text', () => {
  fc.assert(
    fc.property(version, version, (a, b) => {
      const expected = a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
      expect(Math.sign(compareVersions(a.join('.'), b.join('.')))).toBe(Math.sign(expected));
    }),
  );
});

test('a pre-release counts as its release', () => {
  expect(compareVersions('7.0.0-rc.1', '7.0.0')).toBe(0);
});
