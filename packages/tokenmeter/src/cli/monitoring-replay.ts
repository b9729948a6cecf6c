/**
 * `tokenmeter ledger replay`: sends the calls of a ledger to a collector that counts them, for processes that exported no
 * metrics while they ran. What was sent is remembered by span id beside the ledger, so that a second run adds nothing.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CallRecord, ensureFolder, LedgerReadError, readCalls, toOtlp } from '@tokenmeter/ledger';
import { ATTR } from '@tokenmeter/semconv';
import type { RegisterCommand } from './command.ts';
import { CliError, EXIT, type Io } from './io.ts';
import { ledgerDir } from './query.ts';
import { instantOf, TIME_FORMS } from './window.ts';

/** Span ids, one a line. */
const SENT_FILE = 'replayed.txt';
const BATCH = 500;
const DEFAULT_ENDPOINT = 'http://127.0.0.1:4319';

interface Options {
  readonly endpoint: string;
  readonly since?: string;
  readonly until: string;
  readonly dir?: string;
}

export const registerReplay: RegisterCommand = (program, io) => {
  program
    .command('ledger')
    .description('the local ledger as a source for monitoring')
    .command('replay')
    .description('send its calls to the replay receiver of a collector, each once')
    .option('-e, --endpoint <url>', 'the receiver of deploy/collector-replay.yaml', DEFAULT_ENDPOINT)
    .option('-s, --since <time>', `only calls from then on: ${TIME_FORMS}`)
    .option('-u, --until <time>', 'only calls before', 'now')
    .option('--dir <folder>', 'the ledger')
    .action(async (options: Options) => replay(options, io));
};

async function replay(options: Options, io: Io): Promise<void> {
  const dir = ledgerDir(options.dir, io);
  const sent = new Sent(dir);
  const counts = { sent: 0, before: 0 };
  let batch: CallRecord[] = [];
  const flush = async (): Promise<void> => {
    for (const [service, calls] of byService(batch)) {
      await send(options.endpoint, service, calls);
      sent.remember(calls);
      counts.sent += calls.length;
    }
    batch = [];
  };
  try {
    for await (const call of readCalls({ dir, since: time(options.since, io), until: time(options.until, io) })) {
      if (sent.has(call)) counts.before += 1;
      else batch.push(call);
      if (batch.length === BATCH) await flush();
    }
    if (batch.length > 0) await flush();
  } catch (error) {
    if (error instanceof LedgerReadError) throw new CliError(EXIT.noAnswer, error.message);
    throw error;
  } finally {
    if (counts.sent > 0) io.out(`${counts.sent} calls were sent to ${options.endpoint}.\n`);
  }
  if (counts.sent === 0) io.out(counts.before > 0 ? 'Every call was sent before.\n' : `No calls in ${dir}.\n`);
  else if (counts.before > 0) io.out(`${counts.before} were sent before.\n`);
}

function time(text: string | undefined, io: Io): number | undefined {
  if (text === undefined) return undefined;
  const instant = instantOf(text, io.now(), 'UTC');
  if (instant === undefined) throw new CliError(EXIT.usage, `${text} is no time. Use one of: ${TIME_FORMS}.`);
  return instant;
}

/** The service is a fact of the resource, so each has requests of its own. */
function byService(calls: readonly CallRecord[]): Map<string | undefined, CallRecord[]> {
  const groups = new Map<string | undefined, CallRecord[]>();
  for (const call of calls) {
    const group = groups.get(call.service);
    if (group) group.push(call);
    else groups.set(call.service, [call]);
  }
  return groups;
}

async function send(endpoint: string, service: string | undefined, calls: readonly CallRecord[]): Promise<void> {
  const body = toOtlp(calls, service === undefined ? {} : { [ATTR.serviceName]: service });
  await post(`${endpoint.replace(/\/$/, '')}/v1/traces`, body);
}

async function post(url: string, body: string): Promise<void> {
  let reason: string;
  try {
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    if (response.ok) return;
    reason = `it answered ${response.status}`;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    reason = cause instanceof Error ? cause.message : String(cause);
  }
  throw new CliError(
    EXIT.failed,
    `${url} did not take the calls: ${reason}. Start a collector with deploy/collector-replay.yaml and run this again; what was taken is not sent twice.`,
  );
}

class Sent {
  readonly #dir: string;
  readonly #file: string;
  readonly #ids: Set<string>;

  constructor(dir: string) {
    this.#dir = dir;
    this.#file = join(dir, SENT_FILE);
    this.#ids = new Set(existsSync(this.#file) ? readFileSync(this.#file, 'utf8').split('\n') : []);
  }

  has({ spanId }: CallRecord): boolean {
    return this.#ids.has(spanId);
  }

  /** Written before the next request goes out. */
  remember(calls: readonly CallRecord[]): void {
    ensureFolder(this.#dir);
    appendFileSync(this.#file, calls.map(({ spanId }) => `${spanId}\n`).join(''), { mode: 0o600 });
  }
}
