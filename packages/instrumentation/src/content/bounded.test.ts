import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boundedJson, LONGEST_ATTRIBUTE } from './bounded.ts';
import { GrowingText, LONGEST_TEXT } from './messages.ts';

const message = (content: string): object => ({ role: 'user', parts: [{ type: 'text', content }] });

test('what fits is there as it is', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 100 }), { minLength: 1, maxLength: 50 }), (texts) => {
      const messages = texts.map(message);
      expect(JSON.parse(boundedJson(messages) ?? '')).toEqual(messages);
    }),
  );
  expect(boundedJson([])).toBeUndefined();
});

test('whatever the sizes are, the JSON is whole, within its bound, and ends with the last message', () => {
  const length = fc.oneof(fc.nat(500), fc.integer({ min: 10_000, max: 200_000 }));
  fc.assert(
    fc.property(fc.array(length, { minLength: 1, maxLength: 400 }), (lengths) => {
      const json = boundedJson([...lengths.map((many) => message('ä"\n'.repeat(many))), message('the end')]) ?? '';
      expect(json.length).toBeLessThanOrEqual(LONGEST_ATTRIBUTE);
      expect((JSON.parse(json) as unknown[]).at(-1)).toEqual(message('the end'));
    }),
    { numRuns: 15 },
  );
});

test('a text that is cut says how much is missing', () => {
  const [cut] = JSON.parse(boundedJson([message('x '.repeat(100_000))]) ?? '') as [{ parts: [{ content: string }] }];
  const [, kept = '', left] = /^([x ]+)… \[(\d+) characters left out\]$/.exec(cut.parts[0].content) ?? [];
  expect(kept.length + Number(left)).toBe(200_000);
});

test('media are left out wherever they stand, and what only looks like them is not', () => {
  const base64 = Buffer.alloc(1_000, 'ab').toString('base64');
  const given = {
    bytes: new Uint8Array(3),
    buffer: Buffer.alloc(4),
    base64,
    url: 'data:image/png;base64,iVBORw0KGgo=',
  };
  const texts = ['data: one, two', 'word '.repeat(1_000), base64.slice(0, 1_000)];
  expect(JSON.parse(boundedJson([{ type: 'unknown', given, texts }]) ?? '')).toEqual([
    {
      type: 'unknown',
      given: {
        bytes: '[3 bytes left out]',
        buffer: '[4 bytes left out]',
        base64: `[${base64.length} characters left out]`,
        url: `[${given.url.length} characters left out]`,
      },
      texts,
    },
  ]);
});

test('messages that are left out are counted', () => {
  const many = Array.from({ length: 5_000 }, (_, at) => message(`message ${at}`));
  const [first, ...kept] = JSON.parse(boundedJson(many) ?? '') as [object, ...object[]];
  expect(first).toEqual({
    role: 'system',
    parts: [{ type: 'left_out', content: `${5_000 - kept.length} left out` }],
  });
  expect(kept).toEqual(many.slice(-kept.length));
});

test('the text of a stream stops growing, and goes on counting', () => {
  const text = new GrowingText();
  for (let at = 0; at < 8; at++) text.add('y'.repeat(LONGEST_TEXT / 4));
  text.add(undefined);
  expect(String(text)).toBe(`${'y'.repeat(LONGEST_TEXT)}… [${LONGEST_TEXT} characters left out]`);
});
