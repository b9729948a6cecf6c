/**
 * `tokenmeter.yaml`: found, read, checked. Everything that is wrong with it is told at once, with file, line, path and what
 * is allowed; nothing of a file with a mistake is used.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { BudgetInput, BudgetSources, Compiled } from '@tokenmeter/budgets';
import type { ValidateFunction } from 'ajv';
import { isUrl } from '../prices/download.ts';
import { ConfigDocument, type Path, type Problem } from './document.ts';
import { dotted, explain } from './explain.ts';
import { ajv, budgets } from './lazy.ts';
import { SCHEMA } from './schema.ts';
import type { Config, FeatureConfig, LedgerConfig, PriceConfig, RouteRule } from './types.ts';

export const CONFIG_FILE = 'tokenmeter.yaml';

export interface LoadOptions {
  /** Where the search begins; it goes upwards to the root. */
  readonly cwd: string;
  /** For `${NAME}` in values. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** This file and no search. */
  readonly file?: string;
}

export interface LoadedConfig {
  readonly config: Config;
  /** Absolute; absent where there is none, and `config` is then the empty one. */
  readonly file?: string;
  /** Channels of `alerts` that are off because a `${NAME}` of theirs has no value, and what to say about each. */
  readonly leftOut: Readonly<Record<string, string>>;
  /** `tokenmeter.yaml:12: prices.overrides[0]`, for messages of who uses a value. */
  locate(path: Path): string;
}

/** What holds where there is no file. */
export const EMPTY_CONFIG: Config = { features: {}, routes: [], budgets: [] };

/** What is wrong with the file, one message per mistake: `<file>:<line>: <path>: <what is allowed>`. */
export class ConfigError extends Error {
  override readonly name: string = 'ConfigError';
  readonly messages: readonly string[];

  constructor(messages: readonly string[]) {
    super(messages.join('\n'));
    this.messages = messages;
  }
}

/** Throws a {@link ConfigError}. */
export function loadConfig(options: LoadOptions): LoadedConfig {
  const file = options.file === undefined ? findConfig(options.cwd) : resolve(options.cwd, options.file);
  if (file === undefined) return { config: EMPTY_CONFIG, leftOut: {}, locate: dotted };
  const document = new ConfigDocument(read(file), options.env);
  const fail = (problems: readonly Problem[]): never => {
    const sorted = problems.toSorted((a, b) => a.line - b.line);
    throw new ConfigError(sorted.map(({ line, message }) => `${file}:${line}: ${message}`));
  };
  if (document.problems.length > 0) fail(document.problems);
  const data = dataOf(document, fail);
  const config = configOf(data, dirname(file));
  const compiled = compiledBudgets(data);
  const wrong = [
    ...repeatedRoutes(config.routes, document),
    ...compiled.problems.map(({ path, message }) => ({
      line: document.lineOf(path),
      message: `${dotted(path)}: ${message}`,
    })),
  ];
  if (wrong.length > 0) fail(wrong);
  const leftOut = document.leftOut.map(({ path, line, message }) => [
    path.at(-1),
    `${file}:${line}: ${dotted(path)} is off: ${message}`,
  ]);
  return {
    config: { ...config, budgets: compiled.budgets },
    file,
    leftOut: Object.fromEntries(leftOut),
    locate: (path) => `${file}:${document.lineOf(path)}: ${dotted(path)}`,
  };
}

/** Budgets are a package of their own, which an app without any does not load. */
function compiledBudgets({ budgets: listed, features, alerts }: FileContent): Compiled {
  const sources: BudgetSources = { budgets: listed, features, alerts };
  const has = listed !== undefined || Object.values(features ?? {}).some(({ budget }) => budget !== undefined);
  return has ? budgets().compileBudgets(sources) : { budgets: [], problems: [] };
}

/** The nearest `tokenmeter.yaml` at or above `cwd`. */
export function findConfig(cwd: string): string | undefined {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const file = join(folder, CONFIG_FILE);
    if (existsSync(file)) return file;
    if (folder === dirname(folder)) return undefined;
  }
}

/** The file as the schema describes it. */
interface FileContent extends Omit<Config, 'features' | 'routes' | 'budgets'> {
  readonly features?: Readonly<Record<string, FeatureContent>>;
  readonly routes?: Readonly<Record<string, string>>;
  readonly budgets?: readonly BudgetInput[];
}

interface FeatureContent extends FeatureConfig {
  readonly routes?: readonly string[];
  readonly budget?: BudgetInput;
}

let validator: ValidateFunction<FileContent> | undefined;

function dataOf(document: ConfigDocument, fail: (problems: readonly Problem[]) => never): FileContent {
  validator ??= new (ajv().Ajv)({ allErrors: true, verbose: true, allowUnionTypes: true }).compile<FileContent>(SCHEMA);
  let data: unknown;
  try {
    data = document.data();
  } catch (error) {
    return fail([{ line: 1, message: error instanceof Error ? error.message : String(error) }]);
  }
  return validator(data) ? data : fail(explain(validator.errors ?? [], document));
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError([`${file}: cannot be read: ${reason}`]);
  }
}

function configOf(content: FileContent, folder: string): Omit<Config, 'budgets'> {
  const { service, environment, features = {}, routes = {}, store, tenants, prices, alerts, ledger } = content;
  return {
    service,
    environment,
    features: Object.fromEntries(Object.entries(features).map(([name, { team, owner }]) => [name, { team, owner }])),
    routes: [
      ...Object.entries(routes).map(([pattern, feature]) => ruleOf(pattern, feature)),
      ...Object.entries(features).flatMap(([name, feature]) =>
        (feature.routes ?? []).map((pattern) => ruleOf(pattern, name)),
      ),
    ],
    store,
    tenants,
    alerts,
    prices: prices && pricesOf(prices, folder),
    ledger: ledger && ledgerOf(ledger, folder),
  };
}

function ledgerOf({ dir, keepDays }: LedgerConfig, folder: string): LedgerConfig {
  return { dir: dir === undefined ? undefined : resolve(folder, dir), keepDays };
}

function pricesOf(prices: PriceConfig, folder: string): PriceConfig {
  const { refresh } = prices;
  if (refresh === undefined || isUrl(refresh.from)) return prices;
  return { ...prices, refresh: { ...refresh, from: resolve(folder, refresh.from) } };
}

function ruleOf(pattern: string, feature: string): RouteRule {
  const [first = '', second] = pattern.split(' ');
  return second === undefined ? { route: first, feature } : { method: first, route: second, feature };
}

/** A route of two features would belong to whichever stands first: that is never what somebody meant. */
function repeatedRoutes(routes: readonly RouteRule[], document: ConfigDocument): Problem[] {
  const seen = new Map<string, RouteRule>();
  const problems: Problem[] = [];
  for (const rule of routes) {
    const pattern = rule.method === undefined ? rule.route : `${rule.method} ${rule.route}`;
    const other = seen.get(pattern);
    seen.set(pattern, rule);
    if (other === undefined || other.feature === rule.feature) continue;
    const line = document.lineOf(['features', rule.feature, 'routes']);
    problems.push({ line, message: `the route "${pattern}" is of two features: ${other.feature} and ${rule.feature}` });
  }
  return problems;
}
