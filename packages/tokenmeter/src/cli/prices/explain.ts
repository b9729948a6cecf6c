/** `tokenmeter prices explain MODEL`: who bills it, which row was found and how, and the sum. */
import {
  type Explanation,
  formatUsd,
  METERS,
  type PriceContext,
  type PriceRequest,
  sellersOf,
  type Usage,
} from '@tokenmeter/pricing';
import type { RegisterCommand } from '../command.ts';
import { type Column, count, exactUsd, NONE, table } from '../format.ts';
import { CliError, EXIT, type Io } from '../io.ts';
import { deliver } from '../output.ts';
import { bookName, instantOption, type OpenPrices, openPrices, usd } from './open.ts';

interface ExplainOptions {
  readonly provider?: string;
  readonly host?: string;
  readonly at?: string;
  readonly usage: string;
  readonly tier?: string;
  readonly batch?: boolean;
  readonly dir?: string;
  readonly json?: boolean;
  readonly out?: string;
}

export const registerExplain: RegisterCommand = (prices, io, exit) => {
  prices
    .command('explain')
    .description('why a call costs what it costs')
    .argument('<model>', 'as the API is asked for it')
    .option('-p, --provider <name>', 'who runs the endpoint, e.g. openai or aws.bedrock')
    .option('--host <name>', 'host of the endpoint: it decides before the provider’s name')
    .option('--at <time>', 'when the call started (ISO 8601)')
    .option('--usage <amounts>', `e.g. input=1200,output=80,cacheRead=900`, 'input=1000,output=1000')
    .option('--tier <name>', 'service tier that served it, e.g. flex or priority')
    .option('--batch', 'served by a batch endpoint')
    .option('--dir <folder>', 'the ledger, beside which a refreshed book lies')
    .option('-j, --json', 'print JSON')
    .option('-o, --out <file>', 'write to a file instead of standard output')
    .action((model: string, options: ExplainOptions) => {
      if (!explain(model, options, io)) exit(EXIT.failed);
    });
};

/** True where the call has an amount. */
function explain(model: string, options: ExplainOptions, io: Io): boolean {
  const open = openPrices(options, io);
  const sold = sellersOf(open.pricer.book, model);
  const provider = options.provider ?? (options.host === undefined ? sold[0] : '') ?? '';
  const context: PriceContext = { serviceTier: options.tier, batch: options.batch };
  const request: PriceRequest = {
    provider,
    host: options.host,
    requestModel: model,
    report: { usage: usageOf(options.usage), context, flags: [] },
    at: instantOption('--at', options.at, io),
  };
  const explanation = open.pricer.explain(request);
  const text = options.json
    ? `${JSON.stringify(documentOf(request, explanation, open), null, 2)}\n`
    : textOf(
        request,
        explanation,
        options.provider === undefined && options.host === undefined ? sold : undefined,
        open,
      );
  deliver(text, options, io);
  return explanation.cost.pico !== undefined;
}

const METER_NAMES: readonly string[] = METERS.map(({ name }) => name);

function usageOf(text: string): Usage {
  const entries = text.split(',').map((part) => {
    const [, meter = '', amount] = /^\s*(\w+)\s*=\s*(\d+(?:\.\d+)?)\s*$/.exec(part) ?? [];
    if (amount === undefined) {
      throw new CliError(EXIT.usage, `--usage ${part} is no amount. Write meter=number, e.g. input=1200,output=80.`);
    }
    if (!METER_NAMES.includes(meter)) {
      throw new CliError(EXIT.usage, `--usage knows no "${meter}". There are: ${METER_NAMES.join(', ')}.`);
    }
    return [meter, Number(amount)] as const;
  });
  return Object.fromEntries(entries);
}

function documentOf({ requestModel, at, report }: PriceRequest, found: Explanation, open: OpenPrices): object {
  const { cost, seller, alias, steps, row, from, until, own, parts } = found;
  return {
    schema: 'tokenmeter.price-explanation/v1',
    book: { version: open.pricer.version, date: open.pricer.bookDate, origin: open.origin },
    model: requestModel,
    at: new Date(at).toISOString(),
    usage: report?.usage,
    seller: seller ?? null,
    alias: alias ?? null,
    steps: steps.map(({ seller, id, found }) => ({ seller, id, found: found ?? null })),
    row: row ?? null,
    price: {
      own,
      from: from ?? null,
      until: until ?? null,
      tier: cost.tier ?? null,
      variant: cost.variant ?? null,
    },
    parts: parts.map(({ pico, usd, unit, discount, ...part }) => ({
      ...part,
      rate_usd: usd ?? null,
      per: unit,
      discount_percent: discount ?? 0,
      cost_usd: pico === undefined ? null : exactUsd(pico),
    })),
    cost: {
      status: cost.status,
      usd: cost.pico === undefined ? null : exactUsd(cost.pico),
      list_usd: cost.listPico === undefined ? null : exactUsd(cost.listPico),
      source: cost.source ?? null,
      match: cost.match ?? null,
      flags: cost.flags,
    },
  };
}

function textOf(
  request: PriceRequest,
  found: Explanation,
  sold: readonly string[] | undefined,
  open: OpenPrices,
): string {
  const { requestModel, at } = request;
  return [
    `${requestModel} at ${new Date(at).toISOString()} · ${bookName(open)}`,
    '',
    ...sellerLines(request, found, sold),
    ...found.steps.map(({ seller, id, found: how }) => `  looked for  ${seller}/${id}: ${how ?? 'not there'}`),
    ...rowLines(found),
    '',
    ...(found.parts.length > 0 ? [table(COLUMNS, found.parts.map(cellsOf)), ''] : []),
    ...sumLines(found, requestModel ?? ''),
    '',
  ].join('\n');
}

const BY: Readonly<Record<string, string>> = {
  host: 'the host says so',
  name: 'the provider’s name says so',
  nobody: 'nobody that we know: only prices of your own can apply',
};

/** `sold`: who sells the model, where the command line does not say who billed it. */
function sellerLines(
  { provider, host }: PriceRequest,
  { seller, alias }: Explanation,
  sold: readonly string[] | undefined,
): string[] {
  const others = sold?.slice(1) ?? [];
  const also = others.length === 0 ? '' : `; also sold by ${others.join(', ')}`;
  const who =
    sold === undefined
      ? `${seller?.id ?? host ?? provider}: ${BY[seller?.by ?? 'nobody']}`
      : (sold[0] ?? 'nobody that sells it') + (alias === undefined ? `: no --provider is given${also}` : '');
  return [
    `  billed by   ${who}`,
    ...(alias === undefined ? [] : [`  alias       ${alias.from} stands for ${alias.to} in tokenmeter.yaml`]),
  ];
}

function rowLines({ row, own, from, until, cost }: Explanation): string[] {
  const span = [from === undefined ? '' : `from ${from}`, until === undefined ? '' : `until ${until}`].filter(Boolean);
  const rates = [cost.variant, cost.tier && `prompt ${cost.tier}`, ...span].filter(Boolean).join(', ');
  const source = row === undefined ? [] : [`  source      ${[row.origin, row.url].filter(Boolean).join(', ')}`];
  if (own) return ['  price       your own, from tokenmeter.yaml', ...(rates === '' ? [] : [`  in force    ${rates}`])];
  if (row === undefined) return ['  row         none'];
  const what = row.free ? ' (free)' : row.unpriced !== undefined ? ` (no price: ${row.unpriced})` : '';
  return [`  row         ${row.id}${what}`, ...source, `  in force    ${rates === '' ? 'the standard price' : rates}`];
}

const COLUMNS: readonly Column[] = [
  { title: 'Meter' },
  { title: 'Quantity', right: true },
  { title: 'Rate', right: true },
  { title: 'per' },
  { title: 'Cost', right: true },
  { title: '' },
];

function cellsOf({
  meter,
  quantity,
  usd: rate,
  unit,
  inferred,
  discount,
  pico,
}: Explanation['parts'][number]): string[] {
  const marks = [inferred ? 'another meter’s rate' : '', discount === undefined ? '' : `less ${discount} %`];
  const cost = pico === undefined ? NONE : `$${formatUsd(pico, 12).replace(/(\.\d{4}\d*?)0+$/, '$1')}`;
  return [meter, count(quantity), usd(rate), unit, cost, marks.filter(Boolean).join(', ')];
}

function sumLines({ cost, row }: Explanation, model: string): string[] {
  const flags = cost.flags.length === 0 ? '' : ` (${cost.flags.join(', ')})`;
  if (cost.pico === undefined) {
    const where =
      row === undefined
        ? `add "${model}" under prices.overrides or prices.aliases in tokenmeter.yaml`
        : 'see the flags';
    return [`${cost.status}: no amount, which is not $0${flags}. Next: ${where}.`];
  }
  const list = cost.listPico === undefined ? '' : `, list price $${exactUsd(cost.listPico)}`;
  return [`$${exactUsd(cost.pico)} ${cost.status}${list}${flags}`];
}
