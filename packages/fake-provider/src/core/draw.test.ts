import fc from 'fast-check';
import { expect, test } from 'vitest';
import { characters, draw, METERS, tokensOf } from './consumption.ts';
import { pieces, prose } from './prose.ts';
import { seeded } from './random.ts';
import { sample } from './sample.ts';

const demand = fc.record({
  input: fc.integer({ min: 1, max: 50_000 }),
  maxOutput: fc.option(fc.integer({ min: 1, max: 100_000 }), { nil: undefined }),
  choices: fc.integer({ min: 1, max: 4 }),
  reasons: fc.boolean(),
  cache: fc.constantFrom('automatic' as const, '5m' as const, '1h' as const, 'none' as const),
});

test('what is drawn fits together: details within their totals, output within its maximum', () => {
  fc.assert(
    fc.property(fc.integer(), demand, (seed, given) => {
      const drawn = draw(seeded(seed), given);
      expect(METERS.every((meter) => Number.isInteger(drawn[meter]) && drawn[meter] >= 0)).toBe(true);
      const cached = drawn.cacheRead + drawn.cacheWrite + drawn.cacheWrite5m + drawn.cacheWrite1h;
      expect(cached).toBeLessThanOrEqual(drawn.input);
      expect(drawn.reasoning).toBeLessThanOrEqual(drawn.output);
      expect(drawn.output).toBeGreaterThanOrEqual(given.choices);
      expect(drawn.output).toBeLessThanOrEqual(given.choices * (given.maxOutput ?? Number.POSITIVE_INFINITY));
      expect(drawn.input).toBe(given.input);
    }),
  );
});

test('a number that is given stays, and what depends on it follows', () => {
  fc.assert(
    fc.property(fc.integer(), demand, fc.nat(5000), fc.nat(300), (seed, given, input, output) => {
      const drawn = draw(seeded(seed), given, { input, output });
      expect(drawn).toMatchObject({ input, output });
      expect(drawn.reasoning).toBeLessThanOrEqual(output);
      expect(drawn.cacheRead + drawn.cacheWrite5m + drawn.cacheWrite1h).toBeLessThanOrEqual(input);
    }),
  );
});

test('pieces joined are the text again, and none is empty', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 60 }), (text, count) => {
      const cut = pieces(text, count);
      expect(cut.join('')).toBe(text);
      expect(cut.every((piece) => piece.length > 0) && cut.length <= count).toBe(true);
    }),
  );
});

test('prose has about four characters for each token', () => {
  for (const tokens of [1, 7, 100]) {
    const { length } = prose(seeded(tokens), tokens);
    expect(Math.abs(length - 4 * tokens)).toBeLessThanOrEqual(8);
  }
});

test('characters are those of the texts, without labels', () => {
  expect(characters([{ role: 'user', content: [{ type: 'text', text: 'abcd' }, { text: 'ef' }] }, 12])).toBe(8);
  expect(tokensOf('abcde', undefined)).toBe(2);
  expect(tokensOf('')).toBe(1);
});

test('a sample follows references, combinations and bounds, and survives a schema that contains itself', () => {
  const schema = {
    $defs: {
      node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } } },
      n: { type: 'number', minimum: 4 },
    },
    type: 'object',
    properties: {
      node: { $ref: '#/$defs/node' },
      n: { anyOf: [{ $ref: '#/$defs/n' }, { type: 'null' }] },
      fixed: { const: 'x' },
      list: { type: ['array', 'null'], items: { type: 'null' }, minItems: 2 },
    },
  };
  const value = sample(schema, seeded(1)) as { n: number };
  expect(value).toMatchObject({ fixed: 'x', list: [null, null], node: { next: { next: expect.anything() } } });
  expect(value.n).toBeGreaterThanOrEqual(4);
});
