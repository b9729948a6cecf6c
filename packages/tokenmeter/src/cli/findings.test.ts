import { describe, expect, it } from 'vitest';
import type { Status } from '../status.ts';
import { findings } from './findings.ts';

const status = (change: Partial<Status> = {}): Status => ({
  schema: 'tokenmeter.status/1',
  run: 'r',
  pid: 7,
  thread: 0,
  startedAt: '2026-11-26T10:00:00.000Z',
  writtenAt: '2026-11-26T10:00:01.000Z',
  node: 'v22.15.0',
  tokenmeter: '0.1.0',
  cwd: '/app',
  script: '/app/server.js',
  packages: [{ name: 'openai', version: '7.57.0', tested: true, targets: ['chat.completions.create'] }],
  reach: { traces: 'off', metrics: 'off' },
  ledger: { on: true, why: 'no metrics leave the process', folder: '/app/.tokenmeter' },
  warnings: [],
  tally: { features: [], unpriced: {}, untagged: {} },
  ...change,
});

const texts = (...statuses: Status[]): string[] => findings(statuses).map(({ what }) => what);

describe('findings', () => {
  it('a process that works needs no hand', () => {
    expect(findings([status()])).toEqual([]);
  });

  it.each<[string, Partial<Status>, RegExp]>([
    ['no SDK', { packages: [] }, /No process has loaded an LLM SDK/],
    [
      'nothing patched',
      { packages: [{ name: 'openai', version: '9.0.0', tested: false, targets: [] }] },
      /openai 9\.0\.0 .*not seen/,
    ],
    [
      'untested',
      { packages: [{ name: 'openai', version: '8.0.0', tested: false, targets: ['x'] }] },
      /openai 8\.0\.0 is outside/,
    ],
    [
      'nowhere',
      { ledger: { on: false, why: 'TOKENMETER_LEDGER=0', folder: '/app' } },
      /server\.js \(pid 7\) are recorded nowhere/,
    ],
    [
      'no instance id',
      { instanceId: false, reach: { traces: 'joined', metrics: 'joined' } },
      /no service\.instance\.id/,
    ],
    ['warnings', { warnings: ['the disk is full'] }, /^the disk is full$/],
    [
      'unpriced',
      { tally: { features: [], untagged: {}, unpriced: { 'openai/x': 2 } } },
      /openai\/x has no price: 2 calls/,
    ],
    [
      'untagged',
      { tally: { features: [], unpriced: {}, untagged: { 'a.ts:3': 1 } } },
      /1 call at a\.ts:3 has no feature/,
    ],
  ])('%s', (_, change, text) => {
    const found = findings([status(change)]);
    expect(found).toHaveLength(1);
    expect(found[0]?.what).toMatch(text);
    expect(found[0]?.next).not.toBe('');
  });

  it('says once what several processes say', () => {
    const broken = { ledger: { on: false, why: 'TOKENMETER_LEDGER=0', folder: '/app' } };
    expect(texts(status({ ...broken, pid: 1 }), status({ ...broken, pid: 2 }))).toHaveLength(1);
  });

  it('adds up what several processes count', () => {
    const tally = { features: [], unpriced: {}, untagged: { 'a.ts:3': 2 } };
    expect(texts(status({ tally }), status({ tally, pid: 8 }))).toEqual(['4 calls at a.ts:3 have no feature.']);
  });
});
