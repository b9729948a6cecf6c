/**
 * A report over many ledger records: time and memory, beside DuckDB's read_json over the same files. Usage:
 * npm run bench -- report [--records=1000000]
 *
 * Makes the records itself, through the real writer, in a temporary folder. The sums of both are compared with what was
 * written; a difference is a failure.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { goal, main, option, table, Void } from './lib/print.mjs';
import { requireFrom } from './lib/projects.mjs';

const DAY = 86_400_000;
const FEATURES = ['rag-search', 'agent-copilot', 'summarizer', 'translation', 'untagged'];
const MODELS = [
  ['openai', 'gpt-4o-mini', 'gpt-4o-mini-2024-07-18'],
  ['openai', 'gpt-4o', 'gpt-4o-2024-08-06'],
  ['anthropic', 'claude-sonnet-4-5', 'claude-sonnet-4-5-20250929'],
];

/** Bounded memory, whatever the ledger holds. */
const GOAL_MB = 300;

const [mode, dir = ''] = process.argv.slice(2);
if (mode === 'ours') await ours(dir);
else if (mode === 'duckdb') await duckdb(dir);
else await main(() => report(option('records', 1_000_000)));

async function report(records) {
  const folder = mkdtempSync(join(tmpdir(), 'tokenmeter-bench-'));
  try {
    const begun = performance.now();
    const expected = await generate(folder, records);
    const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    const microseconds = ((performance.now() - begun) * 1000) / records;
    console.log(`${records} records, ${(bytes / 1e6).toFixed(0)} MB, written in ${microseconds.toFixed(1)} µs each\n`);
    const [own, theirs] = ['ours', 'duckdb'].map((contender) => measure(contender, folder, expected));
    table(
      ['contender', 'CPU s', 'µs per record', 'wall s', 'peak MB'],
      [own, theirs].map(({ contender, cpu, seconds, megabytes }) => [
        ...[contender, cpu.toFixed(1), ((cpu / records) * 1e6).toFixed(1), seconds.toFixed(1), megabytes.toFixed(0)],
      ]),
    );
    console.log();
    goal(`a report below ${GOAL_MB} MB: ${own.megabytes.toFixed(0)}`, own.megabytes < GOAL_MB);
    goal(`in less CPU time than DuckDB: ${(own.cpu / theirs.cpu).toFixed(2)} of it`, own.cpu < theirs.cpu);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Each contender runs in a process of its own: peak memory is its own. */
function measure(contender, folder, expected) {
  const self = fileURLToPath(import.meta.url);
  const child = spawnSync(process.execPath, [self, contender, folder], { encoding: 'utf8', maxBuffer: 1e8 });
  if (child.status !== 0) throw new Void(`${contender} failed: ${child.stderr || child.signal}`);
  const { groups, ...result } = JSON.parse(child.stdout);
  if (JSON.stringify(groups) !== JSON.stringify(expected)) {
    throw new Void(`${contender} has other sums: ${JSON.stringify(groups)}, not ${JSON.stringify(expected)}`);
  }
  return { contender, ...result };
}

async function generate(folder, records) {
  const { createLedgerWriter } = await import('@tokenmeter/ledger');
  const now = Date.now();
  const writer = createLedgerWriter({
    dir: folder,
    resource: {
      'service.name': 'shop-api',
      'service.instance.id': 'bench',
      'deployment.environment.name': 'production',
    },
  });
  const sums = new Map(FEATURES.map((feature) => [feature, { calls: 0, input: 0, output: 0, pico: 0n }]));
  for (let index = 0; index < records; index++) {
    const feature = FEATURES[(index * 7) % FEATURES.length];
    const [provider, requestModel, responseModel] = MODELS[index % MODELS.length];
    const input = 200 + ((index * 31) % 4000);
    const output = 10 + ((index * 17) % 900);
    const pico = BigInt(input) * 150_000n + BigInt(output) * 600_000n;
    writer.write({
      traceId: (index + 1).toString(16).padStart(32, '0'),
      spanId: (index + 1).toString(16).padStart(16, '0'),
      operation: 'chat',
      provider,
      requestModel,
      responseModel,
      responseId: `chatcmpl-${index}`,
      finishReasons: ['stop'],
      serverAddress: provider === 'openai' ? 'api.openai.com' : 'api.anthropic.com',
      serverPort: 443,
      stream: index % 2 === 0,
      startTime: now - ((index * 997) % (7 * DAY)),
      duration: 850.125,
      timeToFirstChunk: 120.5,
      outcome: 'completed',
      attempts: 1,
      attribution: {
        feature,
        team: 'search',
        tenant: `t${index % 200}`,
        user: `u${index % 5000}`,
        environment: 'production',
      },
      usage: { input, output, cacheRead: input >> 2 },
      usageSource: 'provider',
      cost: {
        status: 'priced',
        pico,
        source: 'list',
        match: 'snapshot',
        rowId: `${provider}/${requestModel}`,
        version: '2026-11-20',
        effectiveFrom: '2024-07-18',
        flags: [],
      },
      attributes: {
        'gen_ai.request.max_tokens': 1024,
        'gen_ai.request.temperature': 0.2,
        'openai.api.type': 'chat_completions',
      },
      service: 'shop-api',
    });
    if (index % 400 === 0) await writer.flush();
    const sum = sums.get(feature);
    sum.calls += 1;
    sum.input += input;
    sum.output += output;
    sum.pico += pico;
  }
  writer.close();
  return [...sums]
    .sort(([, a], [, b]) => (a.pico > b.pico ? -1 : 1))
    .map(([feature, { calls, input, output, pico }]) => [
      feature,
      calls,
      input,
      output,
      (Number(pico) / 1e12).toFixed(4),
    ]);
}

async function ours(folder) {
  const { summariseLedger } = await import('@tokenmeter/ledger');
  const begun = performance.now();
  const { groups } = await summariseLedger({ dir: folder, by: ['feature'] });
  finish(
    begun,
    groups.map(({ keys, calls, input, output, cost }) => [
      keys[0],
      calls,
      input,
      output,
      (Number(cost) / 1e12).toFixed(4),
    ]),
  );
}

async function duckdb(folder) {
  const api = requireFrom('duckdb')('@duckdb/node-api');
  const instance = await api.DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const begun = performance.now();
  const columns = `{resourceSpans: 'STRUCT(scopeSpans STRUCT(spans STRUCT("attributes" STRUCT("key" VARCHAR, "value" STRUCT(stringValue VARCHAR, intValue VARCHAR, doubleValue DOUBLE))[])[])[])[]'}`;
  const value = (name) => `list_filter(a, x -> x."key" = '${name}')[1]."value"`;
  const result = await connection.runAndReadAll(`
    with lines as (
      select unnest(resourceSpans) r
      from read_json('${folder}/*.jsonl', format = 'newline_delimited', columns = ${columns}, maximum_object_size = 33554432)
    ),
    scopes as (select unnest(r.scopeSpans) s from lines),
    spans as (select unnest(s.spans)."attributes" a from scopes)
    select ${value('tokenmeter.feature')}.stringValue f, count(*)::double, sum(${value('gen_ai.usage.input_tokens')}.intValue::bigint)::double,
      sum(${value('gen_ai.usage.output_tokens')}.intValue::bigint)::double, sum(${value('tokenmeter.cost.usd')}.doubleValue) usd
    from spans group by f order by usd desc`);
  finish(
    begun,
    result.getRows().map(([feature, calls, input, output, usd]) => [feature, calls, input, output, usd.toFixed(4)]),
  );
}

/** CPU time is that of the whole process, its start included: other work on the machine moves it less than wall time. */
function finish(begun, groups) {
  const seconds = (performance.now() - begun) / 1000;
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const cpu = (userCPUTime + systemCPUTime) / 1e6;
  console.log(JSON.stringify({ seconds, cpu, megabytes: maxRSS / 1024, groups }));
}
