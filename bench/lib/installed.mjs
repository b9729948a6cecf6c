/** Our packages in a project as npm would lay them out: copies beside the app's own packages, whose copies they share. */
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathOf } from './projects.mjs';

/**
 * A link would not do: Node resolves it, and our packages would find the workspace's copies of OpenTelemetry.
 * @param project the path of a folder whose `npm ci` has run
 */
export function installOurs(project) {
  for (const name of ['semconv', 'pricing', 'ledger', 'instrumentation', 'tokenmeter']) {
    const from = pathOf(`packages/${name}`);
    const manifest = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'));
    const to = join(project, 'node_modules', manifest.name);
    rmSync(to, { recursive: true, force: true });
    mkdirSync(to, { recursive: true });
    for (const file of ['package.json', 'dist']) cpSync(join(from, file), join(to, file), { recursive: true });
  }
}
