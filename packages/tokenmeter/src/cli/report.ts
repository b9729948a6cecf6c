/** `tokenmeter report`, which is `tokenmeter` alone: what was spent, by feature or by anything else. */
import { LedgerReadError, type Summary, summariseLedger } from '@tokenmeter/ledger';
import type { RegisterCommand } from './command.ts';
import { CliError, EXIT, type Io } from './io.ts';
import { BadLines, deliver, explainEmpty } from './output.ts';
import { type Query, type QueryOptions, queryOf, withQueryOptions } from './query.ts';
import { reportDocument } from './report-document.ts';
import { reportCsv, reportTable } from './report-formats.ts';

interface ReportOptions extends QueryOptions {
  readonly by: string;
}

export const registerReport: RegisterCommand = (program, io) => {
  withQueryOptions(program.command('report', { isDefault: true }))
    .description('cost by feature (the default command)')
    .option(
      '-b, --by <keys>',
      'what to group by: feature, model, team, tenant, user, day … or keys of your own',
      'feature',
    )
    .action((options: ReportOptions) => report(options, io));
};

async function report(options: ReportOptions, io: Io): Promise<void> {
  const by = keysOf(options.by);
  const query = queryOf(options, io);
  const bad = new BadLines();
  const summary = await sums(query, by, bad);
  const document = reportDocument(summary, query, bad.count);
  bad.warn(io);
  if (summary.total.calls === 0) explainEmpty(query, io);
  else nameUnusedKeys(summary, io);
  if (query.format === 'json') deliver(`${JSON.stringify(document, null, 2)}\n`, query, io);
  else if (query.format === 'csv') deliver(reportCsv(document), query, io);
  else if (summary.total.calls > 0) deliver(reportTable(document), query, io);
}

async function sums(query: Query, by: readonly string[], bad: BadLines): Promise<Summary> {
  try {
    return await summariseLedger({ ...query, by, onBadLine: bad.add });
  } catch (error) {
    if (error instanceof LedgerReadError) throw new CliError(EXIT.noAnswer, error.message);
    throw error;
  }
}

function keysOf(text: string): string[] {
  const keys = [...new Set(text.split(',').map((key) => key.trim()))].filter(Boolean);
  if (keys.length === 0) throw new CliError(EXIT.usage, '--by needs at least one key, e.g. --by feature,model.');
  return keys;
}

/** A mistyped key is no error, since an app may have keys of its own; but it should not pass in silence. */
function nameUnusedKeys({ by, groups }: Summary, io: Io): void {
  for (const [index, key] of by.entries()) {
    if (groups.some((group) => group.keys[index] !== undefined)) continue;
    io.err(`note: no call of this window has a "${key}"\n`);
  }
}
