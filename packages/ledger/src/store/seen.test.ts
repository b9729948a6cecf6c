import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSeenIds } from './seen.ts';

const DAY = 86_400_000;
const NOON = Date.UTC(2026, 10, 26, 12);

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tokenmeter-seen-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('an id is claimed once, by whoever is first', () => {
  const one = createSeenIds({ dir });
  const other = createSeenIds({ dir });
  expect([one.has('resp_1'), one.claim('resp_1'), one.claim('resp_1')]).toEqual([false, true, false]);
  expect([other.has('resp_1'), other.claim('resp_1'), other.claim('resp_2')]).toEqual([true, false, true]);
  expect(one.claim('resp_2')).toBe(false);
});

test('any text is an id', () => {
  const ids = ['a b', 'a', 'b', 'a\nb', 'ü', '\ud800', ''];
  const one = createSeenIds({ dir });
  expect(ids.map((id) => one.claim(`x/${id}`))).toEqual(ids.map(() => true));
  const other = createSeenIds({ dir });
  expect(ids.map((id) => other.claim(`x/${id}`))).toEqual(ids.map(() => false));
});

test('ids are kept for thirty days, and their files for no longer', () => {
  let now = NOON;
  const claim = (id: string): boolean => createSeenIds({ dir, now: () => now }).claim(id);
  expect(claim('old')).toBe(true);
  now = NOON + 30 * DAY;
  expect(claim('old')).toBe(false);
  now = NOON + 31 * DAY;
  expect(claim('old')).toBe(true);
  expect(readdirSync(dir).filter((name) => name.startsWith('seen-'))).toEqual(['seen-20261227.txt']);
});

test('a process that lives on sees what others claimed after midnight', () => {
  let now = NOON;
  const long = createSeenIds({ dir, now: () => now });
  long.claim('first');
  now += DAY;
  createSeenIds({ dir, now: () => now }).claim('second');
  expect([long.claim('second'), long.claim('first')]).toEqual([false, false]);
});

test('half a line, and lines that are none, cost nothing but themselves', () => {
  writeFileSync(join(dir, 'seen-20261126.txt'), 'whole me\n\n   \nresp_half m');
  const seen = createSeenIds({ dir, now: () => NOON });
  expect([seen.has('whole'), seen.has('resp_half')]).toEqual([true, false]);
});

test('where nothing can be written, each process still counts once', () => {
  const blocked = join(dir, 'file');
  writeFileSync(blocked, '');
  const seen = createSeenIds({ dir: blocked });
  expect([seen.claim('a'), seen.claim('a'), seen.has('a')]).toEqual([true, false, true]);
});

const IDS = 300;

test('of many processes at once, each id has one owner', async () => {
  const source = `
    import { createSeenIds } from ${JSON.stringify(new URL('./seen.ts', import.meta.url).href)};
    const seen = createSeenIds({ dir: ${JSON.stringify(dir)} });
    const mine = [];
    for (let i = 0; i < ${IDS}; i++) if (seen.claim('id' + i)) mine.push(i);
    console.log(JSON.stringify(mine));`;
  const runs = await Promise.all(Array.from({ length: 4 }, () => run(source)));
  const all = runs.flatMap((text) => JSON.parse(text) as number[]);
  expect(all.sort((left, right) => left - right)).toEqual(Array.from({ length: IDS }, (_, index) => index));
}, 30_000);

function run(source: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const args = ['--experimental-strip-types', '--no-warnings', '--input-type=module', '-e', source];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.on('error', reject);
    child.on('close', () => resolve(out));
  });
}
