/** A report as table and as CSV. Both print what stands in the document, so no two formats can differ. */
import type { CostStatus } from '@tokenmeter/pricing';
import { UNTAGGED } from '@tokenmeter/semconv';
import { type Column, count, csv, dollars, NONE, table } from './format.ts';
import type { ReportDocument, ReportSums } from './report-document.ts';

/** The first five columns are what other tools rely on; more may only follow. */
const CSV_COLUMNS: readonly (readonly [name: string, value: (sums: ReportSums) => string | number | undefined])[] = [
  ['calls', (sums) => sums.calls],
  ['input_tokens', (sums) => sums.input_tokens],
  ['output_tokens', (sums) => sums.output_tokens],
  ['estimated_cost_usd', (sums) => sums.estimated_cost_usd ?? undefined],
  ['exact_cost_usd', (sums) => sums.exact_cost_usd ?? undefined],
  ['share_percent', (sums) => sums.share_percent ?? undefined],
  ['attempts', (sums) => sums.attempts],
  ['errors', (sums) => sums.errors],
  ['cache_read_tokens', (sums) => sums.cache_read_tokens],
  ['priced_calls', (sums) => sums.calls_by_status.priced],
  ['free_calls', (sums) => sums.calls_by_status.free],
  ['estimated_calls', (sums) => sums.calls_by_status.estimated],
  ['unpriced_calls', (sums) => sums.calls_by_status.unpriced],
  ['usage_unknown_calls', (sums) => sums.calls_by_status.usage_unknown],
];

/** One line per row, without a total: a sum over the column is right. */
export function reportCsv({ by, rows }: ReportDocument): string {
  return csv([
    [...by, ...CSV_COLUMNS.map(([name]) => name)],
    ...rows.map((row) => [
      ...by.map((key) => row.keys[key] ?? undefined),
      ...CSV_COLUMNS.map(([, value]) => value(row)),
    ]),
  ]);
}

export function reportTable(document: ReportDocument): string {
  const { by, rows, total, window } = document;
  const marked = [...rows, total].some((sums) => marks(sums) !== '');
  const columns: Column[] = [
    ...by.map((key) => ({ title: title(key) })),
    { title: 'Calls', right: true },
    { title: 'Input Tok', right: true },
    { title: 'Output Tok', right: true },
    { title: 'Est. Cost', right: true },
    { title: 'Share', right: true },
    ...(marked ? [{ title: '' }] : []),
  ];
  const cells = (keys: readonly string[], sums: ReportSums): string[] => [
    ...keys,
    count(sums.calls),
    count(sums.input_tokens),
    count(sums.output_tokens),
    amount(sums),
    sums.share_percent === null ? NONE : `${sums.share_percent}%`,
    ...(marked ? [marks(sums)] : []),
  ];
  const lines = table(
    columns,
    rows.map((row) =>
      cells(
        by.map((key) => row.keys[key] ?? NONE),
        row,
      ),
    ),
    [
      cells(
        by.map((_, index) => (index === 0 ? 'TOTAL' : '')),
        total,
      ),
    ],
  );
  const head = `LLM cost by ${by.join(', ')} · ${minute(window.since)} → ${minute(window.until)} UTC`;
  const zone = window.timezone === 'UTC' ? '' : ` · days of ${window.timezone}`;
  const filters = document.filters.length === 0 ? '' : ` · ${document.filters.join(', ')}`;
  return `${head}${zone}${filters}\n\n${lines}\n\n${footer(document)}\n`;
}

function amount(sums: ReportSums): string {
  return sums.exact_cost_usd === null ? 'not known' : dollars(pico(sums.exact_cost_usd));
}

/** The calls of a row that its amount leaves out. */
function marks({ calls_by_status }: ReportSums): string {
  const { unpriced, usage_unknown } = calls_by_status;
  return [
    unpriced > 0 ? `+${count(unpriced)} unpriced` : '',
    usage_unknown > 0 ? `+${count(usage_unknown)} of unknown usage` : '',
  ]
    .filter(Boolean)
    .join(', ');
}

const STATUS_WORDS: Readonly<Record<CostStatus, string>> = {
  priced: 'priced',
  estimated: 'estimated',
  free: 'free',
  unpriced: 'unpriced',
  usage_unknown: 'of unknown usage',
};

function footer({ total, coverage }: ReportDocument): string {
  const statuses = (Object.keys(STATUS_WORDS) as CostStatus[]).map(
    (status) =>
      `${count(total.calls_by_status[status])} ${STATUS_WORDS[status]} (${coverage.percent_by_status[status]}%)`,
  );
  const versions = coverage.price_book_versions;
  const book = versions.length === 0 ? '' : ` · price book ${versions.join(', ')}`;
  return [
    `Calls: ${statuses.join(' · ')}`,
    `Tagged: ${count(coverage.tagged_calls)} of ${count(total.calls)} calls (${coverage.tagged_percent}%)${book}`,
    `Next: ${nextCommand({ total, coverage })}`,
  ].join('\n');
}

/** What is most worth a look. */
function nextCommand({ total, coverage }: Pick<ReportDocument, 'total' | 'coverage'>): string {
  if (coverage.tagged_calls < total.calls) {
    return `tokenmeter calls --filter feature=${UNTAGGED}   (shows the code that still needs a feature)`;
  }
  if (total.calls_by_status.unpriced > 0)
    return 'tokenmeter calls --filter status=unpriced   (shows which models have no price)';
  return 'tokenmeter --by feature,model   (shows which models each feature pays for)';
}

function title(key: string): string {
  return key.charAt(0).toUpperCase() + key.slice(1);
}

function minute(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ');
}

function pico(exact: string): bigint {
  const [whole = '0', fraction = ''] = exact.split('.');
  return BigInt(whole + fraction.padEnd(12, '0'));
}
