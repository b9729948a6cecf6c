/**
 * A tracker for calls that are recorded by hand: what each cost, an alert for one that cost too much, totals. It is for
 * scripts and for code that Tokenmeter does not instrument; a budget over time is one of `tokenmeter.yaml`, and a
 * threshold per call does not see a loop of cheap calls.
 *
 * `record` → cost → totals → threshold → `alert`.
 */
import {
  COST_STATUSES,
  type CostStatus,
  createPricer,
  extractUsage,
  formatUsd,
  type Pricer,
  picoToUsd,
  type Usage,
  type UsageApi,
  type UsageReport,
  usdToPico,
} from '@tokenmeter/pricing';
import { BudgetAlertError, UnknownModelError, unknownModel } from './errors.ts';
import { SLACK_TIMINGS, SlackWay } from './slack.ts';
import type { TrackedCall, TrackedRecord, TrackerLogger, TrackerOptions, TrackerSummary } from './types.ts';
import { type Amounts, alertLine, callLine } from './words.ts';

const DEFAULT_THRESHOLD_USD = 0.1;
const DEFAULT_KEEP = 1000;
const FLUSH_MS = 3000;
/** Models that are warned of by name. */
const MOST_WARNED = 100;

const PROVIDERS: readonly string[] = ['openai', 'anthropic', 'gcp.gemini'];
const APIS: Readonly<Record<string, UsageApi>> = { anthropic: 'messages', 'gcp.gemini': 'generate_content' };

export class BudgetTracker {
  /** USD. */
  readonly threshold: number;
  readonly #options: TrackerOptions;
  readonly #logger: TrackerLogger;
  readonly #pricer: Pricer;
  readonly #slack: SlackWay | undefined;
  readonly #thresholdPico: bigint;
  readonly #warned = new Set<string>();
  readonly #statuses = Object.fromEntries(COST_STATUSES.map((status) => [status, 0])) as Record<CostStatus, number>;
  readonly #amounts = new WeakMap<TrackedRecord, Amounts>();
  #records: TrackedRecord[] = [];
  #requests = 0;
  #total = 0n;
  #alerts = 0;

  /** Throws a RangeError for a threshold that is no amount, and what `createPricer` throws for wrong prices. */
  constructor(options: TrackerOptions = {}) {
    const { threshold = DEFAULT_THRESHOLD_USD, slack, logger = STDERR, prices } = options;
    const pico = usdToPico(threshold);
    if (pico === undefined || pico < 0n) throw new RangeError(`threshold must be an amount of USD, not ${threshold}`);
    this.threshold = threshold;
    this.#thresholdPico = pico;
    this.#options = options;
    this.#logger = logger;
    this.#pricer = createPricer(prices);
    this.#slack = slack?.webhook ? new SlackWay(slack.webhook, (line) => this.#warn(line), SLACK_TIMINGS) : undefined;
    if (slack && !slack.webhook) this.#warn('no Slack webhook is set: budget alerts are logged only');
  }

  /**
   * Counts a call. Throws in the mode `raise`, for an unknown model where that was asked for, and what an overridden
   * `alert` throws; the call is counted then, too.
   */
  record(call: TrackedCall): TrackedRecord {
    const { record, pico } = this.#priced(call);
    const amounts = { cost: pico, threshold: this.#thresholdPico };
    this.#amounts.set(record, amounts);
    this.#requests += 1;
    this.#statuses[record.costStatus] += 1;
    this.#keep(record);
    if (this.#options.logCalls) this.#info(callLine(record, amounts));
    if (pico === undefined) this.#unknown(record);
    else {
      this.#total += pico;
      if (pico > this.#thresholdPico) this.#over(record, amounts);
    }
    return record;
  }

  /** USD of all calls whose cost is known. */
  totalCost(): number {
    return picoToUsd(this.#total);
  }

  summary(): TrackerSummary {
    return {
      total_requests: this.#requests,
      total_cost_usd: Number(formatUsd(this.#total, 6)),
      alerts_fired: this.#alerts,
      coverage: { ...this.#statuses },
    };
  }

  /** The latest records, oldest first; see `keep`. */
  get records(): readonly TrackedRecord[] {
    return this.#records.slice(-this.#most);
  }

  /** Sends alerts that wait, within `timeoutMs`. Only `process.exit()` needs it. Never rejects. */
  async flush(timeoutMs: number = FLUSH_MS): Promise<void> {
    await this.#slack?.flush(timeoutMs);
  }

  /** What is done about a call over the threshold: one line in the log, and Slack where it is set. To be overridden. */
  protected alert(record: TrackedRecord): void {
    const amounts = this.#amounts.get(record);
    if (!amounts) return;
    this.#warn(alertLine(record, amounts));
    this.#slack?.tell(record, amounts);
  }

  get #most(): number {
    return this.#options.keep ?? DEFAULT_KEEP;
  }

  #priced({ model, provider, endpoint = 'unknown', inputTokens, outputTokens, usage, response, api }: TrackedCall): {
    readonly record: TrackedRecord;
    readonly pico: bigint | undefined;
  } {
    const timestamp = new Date();
    const at = timestamp.getTime();
    const name = stringOf(response, 'model') ?? stringOf(response, 'modelVersion') ?? model;
    const from =
      provider ?? PROVIDERS.find((each) => this.#pricer.knows({ provider: each, requestModel: name, at })) ?? 'openai';
    const report =
      response === undefined
        ? reportOf(usage ?? { input: inputTokens, output: outputTokens })
        : read(response, from, api);
    const cost = this.#pricer.price({ provider: from, requestModel: model ?? name, responseModel: name, report, at });
    const record: TrackedRecord = {
      timestamp,
      endpoint,
      model: name ?? 'unknown',
      provider: from,
      inputTokens: report?.usage.input,
      outputTokens: report?.usage.output,
      costUsd: cost.usd,
      costStatus: cost.status,
    };
    return { record, pico: cost.pico };
  }

  /** An array that is cut now and then: nothing is moved for every call. */
  #keep(record: TrackedRecord): void {
    if (this.#most === 0) return;
    this.#records.push(record);
    if (this.#records.length >= this.#most * 2) this.#records = this.#records.slice(-this.#most);
  }

  #over(record: TrackedRecord, amounts: Amounts): void {
    this.#alerts += 1;
    this.alert(record);
    if (this.#options.mode === 'raise') throw new BudgetAlertError(alertLine(record, amounts), record);
  }

  #unknown({ model, costStatus }: TrackedRecord): void {
    const noPrice = costStatus === 'unpriced';
    if (noPrice && this.#options.onUnknownModel === 'throw') throw new UnknownModelError(model);
    if (this.#warned.has(model) || this.#warned.size >= MOST_WARNED) return;
    this.#warned.add(model);
    this.#warn(
      noPrice ? unknownModel(model) : `A call of model "${model}" states no usage: what it cost is not in the total.`,
    );
  }

  #warn(line: string): void {
    quietly(() => this.#logger.warn(line));
  }

  #info(line: string): void {
    quietly(() => this.#logger.info(line));
  }
}

const STDERR: TrackerLogger = {
  info: (line) => void process.stderr.write(`${line}\n`),
  warn: (line) => void process.stderr.write(`${line}\n`),
};

/** A logger that fails is no reason to fail a call. */
function quietly(log: () => void): void {
  try {
    log();
  } catch {}
}

/** Numbers that cannot be are left out; without any, usage is unknown. */
function reportOf(usage: Usage): UsageReport | undefined {
  const possible = Object.entries(usage).filter(([, count]) => Number.isFinite(count) && count >= 0);
  return possible.length === 0 ? undefined : { usage: Object.fromEntries(possible), context: {}, flags: [] };
}

function read(body: unknown, provider: string, api: UsageApi = APIS[provider] ?? 'chat'): UsageReport | undefined {
  return extractUsage({ provider, api, body });
}

function stringOf(body: unknown, key: string): string | undefined {
  const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, key) : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}
