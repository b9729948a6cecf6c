/** `tokenmeter alert test`: sends an alert that says it is a test, the way that a real one goes. */
import { type AlertSettings, type BudgetEdge, type ChannelName, createAlerts } from '@tokenmeter/budgets';
import { loadConfig } from '../config/load.ts';
import type { RegisterCommand } from './command.ts';
import { CliError, EXIT, type Io } from './io.ts';

/** What can be tested without an app: the other channels are inside of one. */
const TESTABLE = ['log', 'slack', 'pagerduty', 'webhook', 'alertmanager'] as const;
type Testable = (typeof TESTABLE)[number];

export const registerAlert: RegisterCommand = (program, io, exit) => {
  program
    .command('alert')
    .description('alerts of budgets')
    .command('test')
    .description('send a test alert, by the channels that tokenmeter.yaml names under alerts')
    .option(
      '-c, --channel <name>',
      `one of ${TESTABLE.join(', ')}; may be repeated (default: all that are set)`,
      collect,
    )
    .action(async (options: { channel?: readonly string[] }) => exit(await alertTest(options.channel ?? [], io)));
};

async function alertTest(named: readonly string[], io: Io): Promise<number> {
  const { config, file, leftOut } = loadConfig({ cwd: io.cwd, env: io.env });
  const settings = config.alerts ?? {};
  const channels = named.length > 0 ? named.map(checked) : TESTABLE.filter((name) => name !== 'log' && settings[name]);
  for (const name of channels) {
    if (leftOut[name] !== undefined) throw usage(`${leftOut[name]}. Set it, then run the command again.`);
    if (name !== 'log' && !settings[name])
      throw usage(`${file ?? 'tokenmeter.yaml'} has no alerts.${name}. ${EXAMPLES[name]}`);
  }
  if (channels.length === 0) {
    throw usage(
      Object.values(leftOut)[0] ?? `${file ?? 'tokenmeter.yaml'} names no channel under alerts. ${EXAMPLES.slack}`,
    );
  }
  // Those that were asked for are there; of all, some may be off.
  const off = named.length > 0 ? [] : Object.values(leftOut);
  for (const message of off) io.err(`tokenmeter: ${message}\n`);
  const failed = await send(channels, settings, io, config.environment);
  for (const name of channels) if (!failed.has(name) && name !== 'log') io.out(`${name}: sent\n`);
  if (channels.includes('pagerduty') && !failed.has('pagerduty')) {
    io.out('The test opened an alert in PagerDuty. Resolve it there.\n');
  }
  if (failed.size > 0) return EXIT.failed;
  return off.length > 0 ? EXIT.usage : EXIT.ok;
}

const EXAMPLES: Readonly<Record<Exclude<Testable, 'log'>, string>> = {
  slack: `Add e.g.  alerts: { slack: { webhook: "\${SLACK_WEBHOOK_URL}" } }`,
  pagerduty: `Add e.g.  alerts: { pagerduty: { routingKey: "\${PAGERDUTY_ROUTING_KEY}" } }`,
  webhook: 'Add e.g.  alerts: { webhook: { url: "https://example.com/alerts" } }',
  alertmanager: 'Add e.g.  alerts: { alertmanager: { url: "http://127.0.0.1:9093" } }',
};

/** Longer than at the end of an app: here somebody waits for the answer. */
const PATIENCE_MS = 20_000;

/** The channels that did not take it; why has been said on standard error. */
async function send(
  channels: readonly Testable[],
  settings: AlertSettings,
  io: Io,
  environment: string | undefined,
): Promise<Set<string>> {
  const failed = new Set<string>();
  const alerts = createAlerts({
    settings,
    log: (line) => (line.startsWith('BUDGET ') ? io.out(`${line}\n`) : io.err(`${line}\n`)),
    onFailed: (channel, count) => {
      if (count > 0) failed.add(channel);
    },
  });
  alerts.tell(testEdge(channels, io.now(), environment));
  await alerts.flush(PATIENCE_MS);
  alerts.finish();
  return failed;
}

const USD = 1_000_000_000_000n;
const ALERTMANAGER_MS = 5 * 60_000;

function testEdge(channels: readonly ChannelName[], now: number, environment: string | undefined): BudgetEdge {
  const end = now + ALERTMANAGER_MS;
  return {
    identity: { budget: 'tokenmeter-test', environment, window: 'day', store: 'test' },
    state: 'OVER',
    threshold: 1,
    unit: 'usd',
    amount: 5n * USD,
    spent: 6n * USD,
    coverage: { priced: 1 },
    window: { kind: 'calendar', start: now, end, resetsAt: end },
    at: now,
    top: [{ feature: 'test', spent: 6n * USD }],
    note: 'This is a test (tokenmeter alert test). Nothing was spent.',
    actions: channels,
  };
}

function checked(name: string): Testable {
  const known = TESTABLE.find((channel) => channel === name);
  if (known === undefined) throw usage(`There is no channel "${name}" to test. There are: ${TESTABLE.join(', ')}.`);
  return known;
}

function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}

function usage(message: string): CliError {
  return new CliError(EXIT.usage, message);
}
