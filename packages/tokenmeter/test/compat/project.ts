/** Npm projects in `compat/`, each with its lock file, and our packages in them. */
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../packed-project.ts';

const COMPAT = join(ROOT, 'packages', 'tokenmeter', 'compat');

/** What `tokenmeter` and `tokenmeter/register` load. */
const PACKAGES = ['semconv', 'pricing', 'ledger', 'budgets', 'instrumentation', 'tokenmeter'];

/** The path of a project below `compat/`, or of a file in it. */
export function compat(...path: readonly string[]): string {
  return join(COMPAT, ...path);
}

/** Puts our packages, as built, where npm would have put them: they find the project's own OpenTelemetry. */
export function placeTokenmeter(project: string): void {
  for (const name of PACKAGES) {
    const folder = compat(project, 'node_modules', name === 'tokenmeter' ? name : join('@tokenmeter', name));
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const part of ['dist', 'package.json']) {
      cpSync(join(ROOT, 'packages', name, part), join(folder, part), { recursive: true });
    }
  }
}

/** Of a package in an npm project. */
export function installedVersion(project: string, name: string): string {
  const manifest = readFileSync(join(project, 'node_modules', name, 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
