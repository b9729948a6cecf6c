/**
 * Debian packages of any release, downloaded by apt with lists of their own and unpacked into a folder: nothing is
 * installed, no system file is touched, and root is not needed.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandFailed, has, run } from './run.ts';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Unpacks `packages` of `suite` into `folder`. @throws CommandFailed with what to do about it. */
export function unpackDebian(suite: string, packages: readonly string[], folder: string): void {
  for (const tool of ['apt-get', 'dpkg-deb']) {
    if (!has(tool))
      throw new CommandFailed(`${tool} is missing: Debian's packages can only be unpacked on Debian or Ubuntu`);
  }
  const apt = join(folder, '.apt');
  for (const part of ['lists/partial', 'cache/archives/partial', 'debs'])
    mkdirSync(join(apt, part), { recursive: true });
  const sources = join(apt, 'sources.list');
  writeFileSync(sources, `deb [signed-by=${KEYRING}] ${mirror()} ${suite} main\n`);
  const options = [
    `Dir::Etc::sourcelist=${sources}`,
    'Dir::Etc::sourceparts=-',
    `Dir::State::lists=${join(apt, 'lists')}`,
    `Dir::Cache=${join(apt, 'cache')}`,
    'Acquire::Languages=none',
    'Acquire::Retries=3',
    // Root's own downloads would otherwise be handed to a user who cannot write here.
    ...(process.getuid?.() === 0 ? ['APT::Sandbox::User=root'] : []),
  ].flatMap((option) => ['-o', option]);
  run('apt-get', [...options, '--quiet', '--quiet', 'update']);
  run('apt-get', [...options, '--quiet', '--quiet', 'download', ...packages], { cwd: join(apt, 'debs') });
  for (const name of readdirSync(join(apt, 'debs'))) run('dpkg-deb', ['-x', join(apt, 'debs', name), folder]);
  rmSync(apt, { recursive: true });
}

/** The mirror that this machine's own apt uses. */
function mirror(): string {
  const targets = run('apt-get', ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages']);
  const found = targets.split('\n').find((uri) => /\/debian\/?$/.test(uri));
  if (found === undefined) {
    throw new CommandFailed('apt knows no mirror of Debian: add one to /etc/apt/sources.list.d');
  }
  return found;
}
