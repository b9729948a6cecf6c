import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonCursor, OTHER_FORM } from './cursor.ts';

function cursorAt(text: string): JsonCursor {
  const cursor = new JsonCursor();
  cursor.begin(Buffer.from(text), 0);
  return cursor;
}

describe('a number', () => {
  it('is the one that JSON.parse reads, to the last bit', () => {
    const decimal = fc
      .tuple(fc.bigInt({ min: 0n, max: 10n ** 18n }), fc.nat({ max: 22 }), fc.boolean())
      .map(([digits, places, negative]) => {
        const padded = String(digits).padStart(places + 1, '0');
        const point = padded.length - places;
        return `${negative ? '-' : ''}${padded.slice(0, point)}${places > 0 ? `.${padded.slice(point)}` : ''}`;
      });
    const double = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value));
    fc.assert(
      fc.property(fc.oneof(decimal, double), (text) => {
        const cursor = cursorAt(`${text}}`);
        expect(cursor.number()).toBe(JSON.parse(text));
        expect(cursor.at).toBe(text.length);
      }),
      { numRuns: 2000 },
    );
  });

  it.each(['01', '1.', '.5', '-', '', '1e', '1.5.2', '--1', '1e999', '00.5'])('is not "%s"', (text) => {
    expect(() => cursorAt(`${text}}`).number()).toThrow(OTHER_FORM);
  });
});
