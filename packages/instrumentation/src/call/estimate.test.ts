import { expect, test } from 'vitest';
import { countCharacters, estimateUsage } from './estimate.ts';

test('the text of a prompt is counted at any depth, and base64 is not text', () => {
  const image = 'A'.repeat(5000);
  const messages = [
    { role: 'user', content: 'twelve chars' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'four' },
        { type: 'image', data: image },
      ],
    },
  ];
  const expected = ['user', 'twelve chars', 'user', 'text', 'four', 'image'].join('').length;
  expect(countCharacters(messages)).toBe(expected);
});

test('a long prompt without spaces is text, and counts as its bytes', () => {
  const prompt = '请用一句话概括下面的文章'.repeat(200);
  expect(countCharacters(prompt)).toBe(prompt.length * 3);
  expect(countCharacters(`data:image/png;base64,${'A'.repeat(5000)}`)).toBe(0);
});

test('no code of the app runs: accessors and proxies are left out', () => {
  const code = () => {
    throw new Error('a second look');
  };
  const behindAccessor = Object.defineProperty({ text: 'four' }, 'more', { enumerable: true, get: code });
  const slot = Object.defineProperty(['four'], '1', { enumerable: true, get: code });
  const behindProxy = new Proxy(['text'], { get: code, ownKeys: code, getOwnPropertyDescriptor: code });
  expect(countCharacters([behindAccessor, slot, behindProxy])).toBe('fourfour'.length);
});

test('a prompt of tokens counts as that many', () => {
  const input = (prompt: unknown) => estimateUsage(countCharacters(prompt), 0, undefined).usage.input;
  expect(input(Array.from({ length: 8191 }, (_, token) => token))).toBe(8191);
  expect(input([[1, 2, 3], [4]])).toBe(4);
});

test('bytes are no text', () => {
  expect(countCharacters({ text: 'four', image: Buffer.alloc(8) })).toBe(4);
});

test('a cyclic value ends', () => {
  const cyclic: Record<string, unknown> = { text: 'ab' };
  cyclic.self = cyclic;
  expect(countCharacters(cyclic)).toBeGreaterThan(0);
});

test('what the provider did count is kept, and the rest is estimated and flagged', () => {
  const known = { usage: { input: 1234, cacheRead: 1000, output: 1 }, context: { serviceTier: 'priority' }, flags: [] };
  const report = estimateUsage(999_999, 40, known);
  expect(report.usage).toEqual({ input: 1234, cacheRead: 1000, output: 40 / 4 });
  expect(report.context).toEqual(known.context);
  expect(report.flags).toContain('usage_estimated');
});

test('an output that the provider already counted is never lowered', () => {
  const known = { usage: { input: 10, output: 500 }, context: {}, flags: [] };
  expect(estimateUsage(0, 4, known).usage.output).toBe(500);
});
