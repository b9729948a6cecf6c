import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readStatuses, type StatusFacts, writeStatus } from './status.ts';

let ledger: string;
beforeEach(() => {
  ledger = mkdtempSync(join(tmpdir(), 'tokenmeter-status-'));
});
afterEach(() => rmSync(ledger, { recursive: true, force: true }));

const facts = (pid: number, startedAt = '2026-11-26T10:00:00.000Z'): StatusFacts => ({
  run: 'r',
  pid,
  thread: 0,
  startedAt,
  node: 'v22.15.0',
  tokenmeter: '0.1.0',
  cwd: '/app',
  packages: [],
  reach: { traces: 'off', metrics: 'off' },
  warnings: [],
  tally: { features: [], unpriced: {}, untagged: {} },
});

describe('status files', () => {
  it('are read back, oldest start first, one per process, for the owner alone', () => {
    writeStatus(ledger, facts(2, '2026-11-26T11:00:00.000Z'));
    writeStatus(ledger, facts(1));
    writeStatus(ledger, { ...facts(1), warnings: ['later'] });
    expect(readStatuses(ledger)).toMatchObject([{ pid: 1, warnings: ['later'] }, { pid: 2 }]);
    const [name = ''] = readdirSync(join(ledger, 'status'));
    expect(statSync(join(ledger, 'status', name)).mode & 0o777).toBe(0o600);
  });

  it('of somebody else or half written are left out; a folder that is not there is empty', () => {
    writeStatus(ledger, facts(1));
    writeFileSync(join(ledger, 'status', 'half.json'), '{"schema":"tokenmeter.sta');
    writeFileSync(join(ledger, 'status', 'other.json'), '{"schema":"other/1"}');
    expect(readStatuses(ledger)).toHaveLength(1);
    expect(readStatuses(join(ledger, 'missing'))).toEqual([]);
  });

  it('are bounded in number and age out', () => {
    for (let pid = 1; pid <= 60; pid += 1) writeStatus(ledger, facts(pid));
    expect(readdirSync(join(ledger, 'status'))).toHaveLength(50);
    const [name = ''] = readdirSync(join(ledger, 'status'));
    const longAgo = Date.now() / 1000 - 8 * 24 * 3600;
    utimesSync(join(ledger, 'status', name), longAgo, longAgo);
    writeStatus(ledger, facts(61));
    expect(readdirSync(join(ledger, 'status'))).not.toContain(name);
  });
});
