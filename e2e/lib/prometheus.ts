/** Prometheus with the generated rules, evaluated every second, and Alertmanager with the generated routes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateFiles, type MonitoringModel } from '@tokenmeter/monitoring';
import { parse, stringify } from 'yaml';
import { type ProgramName, pathOf } from '../programs/table.ts';
import { eventually, freePorts, type Running, start } from './process.ts';

export interface PrometheusOptions {
  readonly program: ProgramName;
  readonly model: MonitoringModel;
  /** Ports to scrape, as a user would: with honor_labels. */
  readonly scrape?: readonly number[];
  readonly alertmanager?: string;
  /** A store to take everything from that matches. */
  readonly federate?: { readonly port: number; readonly path: string; readonly match: string };
  /** Of an earlier one, to go on with its data and port. */
  readonly again?: Prometheus;
}

export interface Prometheus extends Running {
  readonly url: string;
  readonly folder: string;
  /** Values of an instant query, by the text of their labels. */
  query(expr: string): Promise<{ readonly labels: Readonly<Record<string, string>>; readonly value: number }[]>;
  /** The one value of a query; 0 when it has none. */
  number(expr: string): Promise<number>;
  /** Resolves when every group of rules has been evaluated on what is stored now: groups have intervals and turns of their own. */
  evaluated(): Promise<void>;
  remove(): void;
}

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data: {
    readonly result: readonly { readonly metric: Record<string, string>; readonly value: readonly [number, string] }[];
  };
}

interface Groups {
  readonly data: { readonly groups: readonly { readonly lastEvaluation: string }[] };
}

export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const { program, model, scrape = [], alertmanager, federate, again } = options;
  const folder = again?.folder ?? mkdtempSync(join(tmpdir(), 'tokenmeter-prometheus-'));
  const port = again === undefined ? (await freePorts(1))[0] : new URL(again.url).port;
  const rules = generateFiles(model).get('deploy/prometheus/tokenmeter.rules.yml') as string;
  writeFileSync(join(folder, 'tokenmeter.rules.yml'), rules);
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: ['tokenmeter.rules.yml'],
    scrape_configs: [
      {
        job_name: 'collector',
        honor_labels: true,
        static_configs: [{ targets: scrape.map((one) => `127.0.0.1:${one}`) }],
      },
      ...(federate === undefined
        ? []
        : [
            {
              ...{ job_name: 'federate', honor_labels: true, metrics_path: federate.path },
              params: { 'match[]': [federate.match] },
              static_configs: [{ targets: [`127.0.0.1:${federate.port}`] }],
            },
          ]),
    ],
    ...(alertmanager && {
      alerting: { alertmanagers: [{ static_configs: [{ targets: [new URL(alertmanager).host] }] }] },
    }),
  };
  writeFileSync(join(folder, 'prometheus.yml'), stringify(config));
  const url = `http://127.0.0.1:${port}`;
  const running = await start(
    pathOf(program),
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.enable-remote-write-receiver',
    ],
    { ready: `${url}/-/ready` },
  );
  const query: Prometheus['query'] = async (expr) => {
    const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expr)}`);
    const answer = (await response.json()) as Answer;
    if (answer.status !== 'success') throw new Error(`${expr}: ${answer.error}`);
    return answer.data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  };
  const prometheus: Prometheus = {
    ...running,
    ...{ url, folder, query },
    number: async (expr) => (await query(expr))[0]?.value ?? 0,
    async evaluated() {
      const from = Date.now();
      await eventually(async () => {
        const answer = (await (await fetch(`${url}/api/v1/rules`)).json()) as Groups;
        return answer.data.groups.every(({ lastEvaluation }) => Date.parse(lastEvaluation) > from);
      });
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
  // What the counters hold at the first evaluation counts for nothing: a test begins after it.
  await eventually(async () => (await query('count_over_time(tokenmeter:counting[1m]) > 1')).length > 0);
  return prometheus;
}

export interface AlertmanagerOptions {
  readonly program: ProgramName;
  readonly model: MonitoringModel;
  /** Takes what goes to Slack and PagerDuty. */
  readonly hook: string;
}

export async function startAlertmanager({
  program,
  model,
  hook,
}: AlertmanagerOptions): Promise<Running & { readonly url: string; remove(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'tokenmeter-alertmanager-'));
  const [port = 0] = await freePorts(1);
  const teams = ['platform', ...Object.values(model.features).map(({ team }) => team)];
  for (const team of teams) writeFileSync(join(folder, `slack-webhook-${team}`), `${hook}/slack/${team}`);
  writeFileSync(join(folder, 'pagerduty-routing-key'), 'routing-key');
  const generated = (generateFiles(model).get('deploy/alertmanager/alertmanager.yml') as string)
    .replaceAll('/etc/alertmanager/secrets', folder)
    .replaceAll(/group_wait: \w+/g, 'group_wait: 1s');
  const config = parse(generated) as { global: Record<string, unknown> };
  config.global.pagerduty_url = `${hook}/pagerduty`;
  writeFileSync(join(folder, 'alertmanager.yml'), stringify(config));
  const url = `http://127.0.0.1:${port}`;
  const running = await start(
    pathOf(program),
    [
      `--config.file=${join(folder, 'alertmanager.yml')}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
    ],
    { ready: `${url}/-/ready` },
  );
  return { ...running, url, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
