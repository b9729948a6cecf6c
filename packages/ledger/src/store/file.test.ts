import { pbkdf2 } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { LedgerFile } from './file.ts';
import { fileName } from './folder.ts';

/** Node has four threads for file operations unless told otherwise. */
const THREADS = Number(process.env.UV_THREADPOOL_SIZE ?? 4);

it('settle puts on disk what an append that cannot run yet has not', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'ledger-file-'));
  const busy = Array.from({ length: THREADS }, () => promisify(pbkdf2)('x', 'y', 500_000, 64, 'sha512'));
  const file = new LedgerFile({ dir, day: 0, instance: 'a', maxBytes: 1e6 });
  const appended = file.append(Buffer.from('line\n'));
  file.settle();
  const text = readFileSync(join(dir, fileName(0, 'a', 0)), 'utf8');
  await Promise.all([appended, ...busy]);
  rmSync(dir, { recursive: true });
  expect(text).toContain('line\n');
});
