/** `npm run e2e:setup`: gets the programs of `programs/table.ts` that are missing, and says what it used or what failed. */
import { rmSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { buildCollector, isCurrent } from './programs/collector.ts';
import { unpackDebian } from './programs/debian.ts';
import { CommandFailed } from './programs/run.ts';
import { CACHE, find, howToGet, PROGRAMS, type Source } from './programs/table.ts';

/** A build takes all cores; whatever else runs here goes first. */
setPriority(10);

const failures = new Map<Source, string>();

if (!isCurrent(join(CACHE, 'build'))) rmSync(join(CACHE, 'build'), { recursive: true, force: true });
get('build', 'builds the collector (some minutes when Go has nothing of it yet)', (folder) => buildCollector(folder));
for (const suite of ['bookworm', 'testing'] as const) {
  const packages = new Set(
    PROGRAMS.filter(({ source }) => source === suite).map((program) => program.package as string),
  );
  get(suite, `unpacks ${[...packages].join(', ')} of Debian ${suite}`, (folder) => {
    rmSync(folder, { recursive: true, force: true });
    unpackDebian(suite, [...packages], folder);
  });
}

let missing = 0;
for (const program of PROGRAMS) {
  const found = find(program);
  if (found !== undefined) {
    console.log(`${program.name.padEnd(17)}${found.version}\n${' '.repeat(17)}${found.path}`);
    continue;
  }
  missing += 1;
  const reason = failures.get(program.source);
  console.error(
    `${program.name} is missing.\n  ${reason ?? 'What was got does not fit.'}\n  To get it: ${howToGet(program)}.`,
  );
}
process.exitCode = missing === 0 ? 0 : 3;

/** Runs `work` where a program of `source` is missing. */
function get(source: Source, what: string, work: (folder: string) => void): void {
  if (PROGRAMS.every((program) => program.source !== source || find(program) !== undefined)) return;
  console.log(`e2e:setup ${what}`);
  const began = Date.now();
  try {
    work(join(CACHE, source));
    console.log(`  took ${Math.round((Date.now() - began) / 1000)} s`);
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    failures.set(source, error.message);
  }
}
