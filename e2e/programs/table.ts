/**
 * The programs that the end-to-end tests run, each by a name of ours. There are two generations of Prometheus and
 * Alertmanager, Debian 12's and the current one of Debian testing, because a rule can be right on one and wrong on the
 * other. A program of the right version on the PATH is used as it is; any other comes from an ignored folder, `.cache/e2e`,
 * which `npm run e2e:setup` fills.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The version that the generated configurations are for. */
export const COLLECTOR_VERSION = '0.161.0';

export const CACHE: string = fileURLToPath(new URL('../../.cache/e2e', import.meta.url));

/** Where a program comes from when the PATH has none that fits: a release of Debian, or our own build. */
export type Source = 'bookworm' | 'testing' | 'build';

export interface Program {
  readonly name: ProgramName;
  /** Names under which it may stand on the PATH. */
  readonly commands: readonly string[];
  readonly versionFlag: string;
  /** What the first line of its version must say, and the same for a person. */
  readonly fits: RegExp;
  readonly wanted: string;
  readonly source: Source;
  /** Debian's package. */
  readonly package?: string;
  /** Path in the folder of its source. */
  readonly file: string;
}

export type ProgramName =
  | 'otelcol'
  | 'prometheus2'
  | 'promtool2'
  | 'alertmanager25'
  | 'amtool25'
  | 'prometheus3'
  | 'promtool3'
  | 'alertmanager'
  | 'amtool'
  | 'victoria-metrics';

const PROMETHEUS_2 = { source: 'bookworm', package: 'prometheus', fits: /version 2\.4\d\./, wanted: '2.4x' } as const;
const PROMETHEUS_3 = { source: 'testing', package: 'prometheus', fits: /version 3\./, wanted: '3.x' } as const;
const ALERTMANAGER = 'prometheus-alertmanager';
const ALERTMANAGER_25 = { source: 'bookworm', package: ALERTMANAGER, fits: /version 0\.25\./, wanted: '0.25' } as const;
const ALERTMANAGER_NEW = {
  source: 'testing',
  package: ALERTMANAGER,
  fits: /version 0\.(?:2[6-9]|[3-9]\d)\./,
  wanted: '0.26 or newer',
} as const;

type Release = Pick<Program, 'source' | 'package' | 'fits' | 'wanted'>;

function debian(
  name: ProgramName,
  release: Release,
  commands: readonly string[],
  file: string = commands[0] as string,
): Program {
  return { ...release, name, commands, versionFlag: '--version', file: `usr/bin/${file}` };
}

export const PROGRAMS: readonly Program[] = [
  {
    name: 'otelcol',
    // The smaller distribution, `otelcol`, lacks components that the configurations use.
    commands: ['otelcol-contrib'],
    versionFlag: '--version',
    fits: new RegExp(`version v?${COLLECTOR_VERSION.replaceAll('.', '\\.')}\\b`),
    wanted: COLLECTOR_VERSION,
    source: 'build',
    file: 'otelcol',
  },
  debian('prometheus2', PROMETHEUS_2, ['prometheus']),
  debian('promtool2', PROMETHEUS_2, ['promtool']),
  debian('alertmanager25', ALERTMANAGER_25, ['alertmanager', ALERTMANAGER], ALERTMANAGER),
  debian('amtool25', ALERTMANAGER_25, ['amtool']),
  debian('prometheus3', PROMETHEUS_3, ['prometheus']),
  debian('promtool3', { ...PROMETHEUS_3, package: 'promtool' }, ['promtool']),
  debian('alertmanager', ALERTMANAGER_NEW, ['alertmanager', ALERTMANAGER], ALERTMANAGER),
  debian('amtool', ALERTMANAGER_NEW, ['amtool']),
  {
    name: 'victoria-metrics',
    commands: ['victoria-metrics', 'victoria-metrics-prod'],
    versionFlag: '-version',
    // Debian's build says nothing about its version.
    fits: /^/,
    wanted: 'of any version',
    source: 'testing',
    package: 'victoria-metrics',
    file: 'usr/bin/victoria-metrics',
  },
];

export interface Found {
  readonly path: string;
  /** First line of what it says about its version. */
  readonly version: string;
}

/** The program, from the PATH or the cache; `undefined` where neither has one that fits. */
export function find(program: Program): Found | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const candidates = [
    ...program.commands.flatMap((command) => folders.map((folder) => join(folder, command))),
    join(CACHE, program.source, program.file),
  ];
  for (const path of candidates) {
    if (!existsSync(path)) continue;
    const version = versionOf(path, program.versionFlag);
    if (version !== undefined && program.fits.test(version)) return { path, version };
  }
  return undefined;
}

function versionOf(path: string, flag: string): string | undefined {
  const done = spawnSync(path, [flag], { encoding: 'utf8', timeout: 20_000 });
  if (done.status !== 0) return undefined;
  return `${done.stdout}${done.stderr}`.trim().split('\n', 1)[0];
}

export function programOf(name: ProgramName): Program {
  return PROGRAMS.find((program) => program.name === name) as Program;
}

const paths = new Map<ProgramName, string>();

/** Path of a program that must be there. @throws when it is missing, with the way to get it. */
export function pathOf(name: ProgramName): string {
  const known = paths.get(name);
  if (known !== undefined) return known;
  const found = find(programOf(name));
  if (found === undefined) throw new Error(`${name} is missing: ${howToGet(programOf(name))}`);
  paths.set(name, found.path);
  return found.path;
}

/** What a person does about a missing program. */
export function howToGet({ source, package: pack, commands, wanted }: Program): string {
  const own = `put ${commands.join(' or ')} ${wanted} on the PATH`;
  return source === 'build'
    ? `run "npm run e2e:setup", which builds it with Go 1.26 or newer, or ${own}`
    : `run "npm run e2e:setup" on Debian or Ubuntu, which unpacks ${pack} of Debian ${source}, or ${own}`;
}
