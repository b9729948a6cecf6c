/**
 * What Grafana reads at its start: data sources, where the dashboards are, and the alert rules for who has Grafana evaluate
 * them. The rules are those of Prometheus; only templates and the condition are written differently.
 */
import type { MonitoringModel } from '../model.ts';
import { type Alert, alertRule } from '../prometheus/alerts/alert.ts';
import { alertsOf } from '../prometheus/rules.ts';
import { TRACES_UID } from './dashboards.ts';

const METRICS_UID = 'prometheus';
const FOLDER = 'LLM cost';

export function datasources(): object {
  return {
    apiVersion: 1,
    datasources: [
      {
        ...{ name: 'Prometheus', uid: METRICS_UID, type: 'prometheus', access: 'proxy', isDefault: true },
        url: 'http://prometheus:9090',
        jsonData: { timeInterval: '1m' },
      },
      { name: 'Jaeger', uid: TRACES_UID, type: 'jaeger', access: 'proxy', url: 'http://jaeger:16686' },
    ],
  };
}

export function dashboardProvider(): object {
  return {
    apiVersion: 1,
    providers: [
      {
        ...{ name: 'tokenmeter', folder: FOLDER, type: 'file', allowUiUpdates: false },
        options: { path: '/etc/grafana/dashboards' },
      },
    ],
  };
}

export function alertRules(model: MonitoringModel): object {
  return {
    apiVersion: 1,
    groups: [
      {
        orgId: 1,
        name: 'tokenmeter',
        folder: FOLDER,
        interval: '1m',
        rules: alertsOf(model).map((alert) => ruleOf(alert, model)),
      },
    ],
  };
}

function ruleOf(alert: Alert, model: MonitoringModel): object {
  const rule = alertRule(alert, model);
  const threshold = Object.values(alert.labels ?? {}).join('-');
  const name = [alert.name.replace('Tokenmeter', ''), threshold].filter(Boolean).join('-');
  const range = { from: 600, to: 0 };
  return {
    uid: `tokenmeter-${name
      .toLowerCase()
      .replaceAll('.', '-')
      .replaceAll(/[^a-z0-9-]/g, '')}`.slice(0, 40),
    // Titles are unique in a folder.
    title: [alert.name, threshold].filter(Boolean).join(' '),
    condition: 'firing',
    for: rule.for ?? '0s',
    // The expression has a value only where it fires: none is what is hoped for.
    ...{ noDataState: 'OK', execErrState: 'Error' },
    data: [
      {
        ...{ refId: 'value', datasourceUid: METRICS_UID, relativeTimeRange: range },
        model: { refId: 'value', expr: rule.expr, instant: true, range: false, editorMode: 'code' },
      },
      {
        ...{ refId: 'firing', datasourceUid: '__expr__', relativeTimeRange: range },
        model: { refId: 'firing', type: 'math', expression: 'is_number($value)' },
      },
    ],
    annotations: mapValues(rule.annotations, ofGrafana),
    // Grafana expands variables of its environment in labels.
    labels: mapValues(rule.labels, (text) => ofGrafana(text).replaceAll('$', '$$$$')),
  };
}

/** A dollar in front of a placeholder would begin a variable of the environment. */
function ofGrafana(template: string): string {
  return template.replaceAll('${{', 'USD {{').replaceAll('$value', '$values.value.Value');
}

function mapValues(texts: Readonly<Record<string, string>>, change: (text: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, change(text)]));
}
