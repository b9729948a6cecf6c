/** The options that every command over the ledger has, and what they mean. */
import { isAbsolute, join } from 'node:path';
import { type Filter, LEDGER_DIR } from '@tokenmeter/ledger';
import type { Command } from 'commander';
import { loadConfig } from '../config/load.ts';
import { CliError, EXIT, type Io } from './io.ts';
import { checkTimeZone, instantOf, TIME_FORMS } from './window.ts';

export interface WindowOptions {
  readonly since: string;
  readonly until: string;
  readonly timezone: string;
  readonly dir?: string;
  readonly json?: boolean;
  readonly out?: string;
}

export interface QueryOptions extends WindowOptions {
  readonly filter?: readonly string[];
  readonly csv?: boolean;
}

export interface Query {
  /** Absolute path of the ledger. */
  readonly dir: string;
  /** Unix milliseconds, half-open. */
  readonly since: number;
  readonly until: number;
  readonly timeZone: string;
  readonly filters: readonly Filter[];
  readonly format: 'table' | 'json' | 'csv';
  readonly out?: string;
}

export function withQueryOptions(command: Command): Command {
  return withWindowOptions(command, '7d')
    .option('-f, --filter <test>', 'feature=x, feature!=x, status=unpriced …; may be repeated', collect)
    .option('--csv', 'print CSV');
}

/** Which calls by time, and where the answer goes. `since`: the default. */
export function withWindowOptions(command: Command, since: string): Command {
  return command
    .option('-s, --since <time>', `start of the window: ${TIME_FORMS}`, since)
    .option('-u, --until <time>', 'end of the window, exclusive', 'now')
    .option('-z, --timezone <zone>', 'where days begin, e.g. Europe/Berlin', 'UTC')
    .option('--dir <folder>', `the ledger (default: ${LEDGER_DIR} here, or the one that tokenmeter.yaml names)`)
    .option('-j, --json', 'print JSON')
    .option('-o, --out <file>', 'write to a file instead of standard output');
}

/** Throws a {@link CliError} that names the option which makes no sense. */
export function queryOf(options: QueryOptions, io: Io): Query {
  if (options.json && options.csv) throw usage('--json and --csv exclude each other.');
  const timeZone = options.timezone;
  try {
    checkTimeZone(timeZone);
  } catch {
    throw usage(`--timezone ${timeZone} is not known. Use an IANA name, e.g. Europe/Berlin or UTC.`);
  }
  const now = io.now();
  const time = (option: 'since' | 'until'): number => {
    const instant = instantOf(options[option], now, timeZone);
    if (instant === undefined) throw usage(`--${option} ${options[option]} is no time. Use one of: ${TIME_FORMS}.`);
    return instant;
  };
  const since = time('since');
  const until = time('until');
  if (since >= until) {
    throw usage(`The window is empty: --since ${options.since} is not before --until ${options.until}.`);
  }
  return {
    dir: ledgerDir(options.dir, io),
    since,
    until,
    timeZone,
    filters: (options.filter ?? []).map(parseFilter),
    format: options.json ? 'json' : options.csv ? 'csv' : 'table',
    out: options.out,
  };
}

/** `--dir`, else the configuration file's, else `.tokenmeter` here. */
export function ledgerDir(option: string | undefined, io: Io): string {
  if (option !== undefined) return absolute(option, io.cwd);
  const { config } = loadConfig({ cwd: io.cwd, env: io.env });
  return config.ledger?.dir ?? join(io.cwd, LEDGER_DIR);
}

const FILTER = /^([^=!]+)(!?=)(.*)$/s;

function parseFilter(text: string): Filter {
  const [, key, operator, value] = FILTER.exec(text) ?? [];
  if (key === undefined || value === undefined) {
    throw usage(`--filter ${text} is no test. Write key=value or key!=value, e.g. feature=rag-search.`);
  }
  return { key: key.trim(), value, not: operator === '!=' };
}

function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}

function absolute(path: string, cwd: string): string {
  return isAbsolute(path) ? path : join(cwd, path);
}

function usage(message: string): CliError {
  return new CliError(EXIT.usage, message);
}
