/** `tokenmeter budget …` and `tokenmeter check`. */
import { createAlerts } from '@tokenmeter/budgets';
import { Option } from 'commander';
import { loadConfig } from '../../config/load.ts';
import type { RegisterCommand } from '../command.ts';
import { CliError, EXIT, type Io } from '../io.ts';
import { deliver } from '../output.ts';
import { openPrices } from '../prices/open.ts';
import { ledgerDir, queryOf, type WindowOptions, withWindowOptions } from '../query.ts';
import { backtest, backtestDocument, backtestTable } from './backtest.ts';
import { openSource, requireBudgets, type SourceName } from './sources.ts';
import { boundsText, coverageText, scopeText, statusDocument, statusTable } from './status.ts';
import { tryBudget } from './try.ts';

interface StatusOptions {
  readonly dir?: string;
  readonly source?: SourceName;
  readonly json?: boolean;
  readonly strict?: boolean;
}

const SOURCE = (): Option =>
  new Option(
    '--source <name>',
    'where spend is read from (default: the store, else the state, else the ledger)',
  ).choices(['redis', 'state', 'ledger']);
const DIR = '--dir <folder>';
const DIR_TEXT = 'the folder of ledger and state (default: as tokenmeter.yaml says, else .tokenmeter here)';

export const registerBudget: RegisterCommand = (program, io, exit) => {
  const budget = program.command('budget').description('budgets of tokenmeter.yaml');
  budget
    .command('status')
    .description('what each budget has spent, when it resets, and how much it may be overshot')
    .addOption(SOURCE())
    .option(DIR, DIR_TEXT)
    .option('-j, --json', 'print JSON')
    .action((options: StatusOptions) => status(options, io));
  withWindowOptions(budget.command('backtest'), '30d')
    .description('what the budgets would have told, from the ledger, e.g. --since 30d')
    .action((options: WindowOptions) => test(options, io));
  budget
    .command('test <name>')
    .description('a fake call over the budget, through to its channels')
    .action(async (name: string) => exit(await testBudget(name, io)));
  program
    .command('check')
    .description('for CI and cron: exit 0 if every budget is within, 1 if one is over, 3 if that is not known')
    .addOption(SOURCE())
    .option(DIR, DIR_TEXT)
    .option('-j, --json', 'print JSON')
    .option('--strict', 'exit 3 where calls of unknown cost may hide that a budget is over')
    .action(async (options: StatusOptions) => exit(await check(options, io)));
};

async function status({ dir, source: wanted, json }: StatusOptions, io: Io): Promise<void> {
  const { config } = loadConfig({ cwd: io.cwd, env: io.env });
  requireBudgets(config);
  const source = await openSource({ config, dir: ledgerDir(dir, io), wanted, emptyIsZero: true }, io);
  const rows = source.standings(io.now());
  source.close();
  if (json) io.out(`${JSON.stringify(statusDocument(source, rows, io.now()), null, 2)}\n`);
  else io.out(`${statusTable(rows)}\n\n${boundsText(rows, source)}Source: ${source.name}\n`);
}

async function check({ dir, source: wanted, json, strict }: StatusOptions, io: Io): Promise<number> {
  const { config } = loadConfig({ cwd: io.cwd, env: io.env });
  requireBudgets(config);
  const alerts = createAlerts({ settings: config.alerts ?? {}, log: (line) => io.err(`${line}\n`) });
  const onEdge = alerts.tell;
  const source = await openSource({ config, dir: ledgerDir(dir, io), wanted, onEdge }, io);
  const rows = source.standings(io.now());
  source.close();
  await alerts.flush();
  alerts.finish();
  const over = rows.filter(({ state }) => state === 'OVER');
  const unsure = rows.filter(
    (row) => row.state !== 'OVER' && row.budget.measure === 'usd' && coverageText(row) !== '─',
  );
  if (json) io.out(`${JSON.stringify(statusDocument(source, rows, io.now()), null, 2)}\n`);
  else io.out(`${statusTable(rows)}\n`);
  for (const row of unsure) {
    io.err(`note: ${row.budget.name} (${scopeText(row)}) has calls of unknown cost: ${coverageText(row)}\n`);
  }
  const known = rows.filter(({ spent }) => spent !== undefined).length;
  io.err(`${over.length === 0 ? 'All within' : `${over.length} over`} · ${known} compared · source: ${source.name}\n`);
  if (over.length > 0) return EXIT.failed;
  return strict && unsure.length > 0 ? EXIT.noAnswer : EXIT.ok;
}

async function test(options: WindowOptions, io: Io): Promise<void> {
  const { config } = loadConfig({ cwd: io.cwd, env: io.env });
  const budgets = requireBudgets(config);
  const query = queryOf(options, io);
  const result = await backtest(budgets, query, io);
  if (result.calls === 0) throw new CliError(EXIT.noAnswer, `The ledger in ${query.dir} has no call in this window.`);
  const json = query.format === 'json';
  deliver(
    json ? `${JSON.stringify(backtestDocument(result, query), null, 2)}\n` : backtestTable(budgets, result),
    query,
    io,
  );
}

async function testBudget(name: string, io: Io): Promise<number> {
  const { config, pricer } = openPrices({}, io);
  const budgets = requireBudgets(config);
  const budget = budgets.find((one) => one.name === name);
  if (!budget) {
    const names = budgets.map((one) => one.name).join(', ');
    throw new CliError(EXIT.usage, `There is no budget "${name}". There are: ${names}.`);
  }
  const environment = io.env.TOKENMETER_ENVIRONMENT ?? config.environment;
  return tryBudget({ budget, alerts: config.alerts ?? {}, environment, pricer }, io);
}
