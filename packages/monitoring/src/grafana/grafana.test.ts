import { compileBudgets } from '@tokenmeter/budgets';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { DEFAULT_MODEL, type MonitoringModel } from '../model.ts';
import { METRIC } from '../names.ts';
import { ruleGroups } from '../prometheus/rules.ts';
import { dashboards } from './dashboards.ts';
import { DASHBOARDS } from './panels.ts';
import { alertRules } from './provisioning.ts';

const MODEL: MonitoringModel = {
  ...DEFAULT_MODEL,
  budgets: compileBudgets({ budgets: [{ name: 'b', usd: 1, per: 'day', thresholds: ['12.5%', '125%'] }] }).budgets,
};

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly description: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource: { readonly uid: string };
  readonly fieldConfig: { readonly defaults: { readonly unit: string } };
  readonly targets: readonly {
    readonly refId: string;
    readonly expr: string;
    readonly datasource: { readonly uid: string };
  }[];
}

interface Linked extends Panel {
  readonly type: string;
  readonly fieldConfig: Panel['fieldConfig'] & {
    readonly defaults: { readonly links?: readonly { readonly url: string }[] };
  };
}
interface Panes {
  readonly traces: { readonly queries: readonly { readonly tags: string }[] };
}

describe.each(dashboards())('%s', (_, dashboard) => {
  const panels = dashboard.panels as unknown as readonly Panel[];

  test('every panel has a title, a question, a unit and the data source that is chosen', () => {
    for (const panel of panels) {
      expect(panel.title).not.toBe('');
      expect(panel.description).toMatch(/\.$/);
      expect(panel.fieldConfig.defaults.unit).toBeTruthy();
      for (const part of [panel, ...panel.targets]) expect(part.datasource.uid).toBe('$' + '{datasource}');
    }
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(dashboard.editable).toBe(false);
  });

  test('no two panels overlap, and none is wider than the page', () => {
    for (const [index, { gridPos: a }] of panels.entries()) {
      expect(a.x + a.w).toBeLessThanOrEqual(24);
      for (const { gridPos: b } of panels.slice(index + 1)) {
        const apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
        expect(apart).toBe(true);
      }
    }
  });
});

test('no query reads what neither a rule records nor a process emits', () => {
  const recorded = ruleGroups(MODEL).flatMap(({ rules }) =>
    rules.flatMap((rule) => ('record' in rule ? [rule.record] : [])),
  );
  const known = new Set([...recorded, ...Object.values(METRIC)]);
  const queries = DASHBOARDS.flatMap(({ panels }) => panels.flatMap((panel) => panel.queries.map(({ expr }) => expr)));
  for (const expr of queries) {
    const names = [...expr.matchAll(/\btokenmeter[\w]*(?::\w+)+|\btokenmeter_\w+(?=\{)/g)].map(([name]) => name);
    expect(names.length, expr).toBeGreaterThan(0);
    for (const name of names) expect(known, expr).toContain(name);
  }
});

test('a link to traces reads what every series of its panel has', () => {
  const links = dashboards().flatMap(([, { panels = [] }]) =>
    (panels as unknown as readonly Linked[]).flatMap((panel) =>
      (panel.fieldConfig.defaults.links ?? []).map(({ url }) => ({ panel, url })),
    ),
  );
  expect(links.length).toBeGreaterThan(5);
  for (const { panel, url } of links) {
    const filled = decodeURIComponent(url.replaceAll(/\$\{([^}]+)\}/g, '<$1>'));
    const panes = JSON.parse(new URLSearchParams(filled.replace(/^[^?]+/, '')).get('panes') as string) as Panes;
    const [, place, label = ''] = /=<(__[a-z.]+)\.(\w+)>$/.exec(panes.traces.queries[0]?.tags ?? '') ?? [];
    expect(place).toBe(panel.type === 'table' ? '__data.fields' : '__field.labels');
    for (const { expr } of panel.targets) expect(expr).toMatch(new RegExp(`by \\([^)]*\\b${label}\\b`));
  }
});

describe('the alerts as Grafana’s own rules', () => {
  const file = parse(JSON.stringify(alertRules(MODEL))) as {
    groups: {
      rules: { uid: string; title: string; annotations: Record<string, string>; labels: Record<string, string> }[];
    }[];
  };
  const rules = file.groups.flatMap((group) => group.rules);

  test('are those of Prometheus', () => {
    const alerts = ruleGroups(MODEL).flatMap((group) =>
      group.rules.flatMap((rule) => ('alert' in rule ? [rule.alert] : [])),
    );
    expect(rules.map(({ title }) => title.split(' ')[0])).toEqual(alerts);
    expect(new Set(rules.map(({ title }) => title)).size).toBe(rules.length);
    expect(new Set(rules.map(({ uid }) => uid)).size).toBe(rules.length);
    for (const { uid } of rules) expect(uid).toMatch(/^[a-z0-9-]{1,40}$/);
  });

  test('have the fields that Grafana reads from a file, and no others', () => {
    const fields = (one: object): readonly string[] => Object.keys(one).sort();
    expect(fields(file)).toEqual(['apiVersion', 'groups']);
    for (const group of file.groups) expect(fields(group)).toEqual(['folder', 'interval', 'name', 'orgId', 'rules']);
    for (const rule of rules) {
      expect(fields(rule)).toEqual([
        'annotations',
        'condition',
        'data',
        'execErrState',
        'for',
        'labels',
        'noDataState',
        'title',
        'uid',
      ]);
      const { data, condition } = rule as unknown as { data: readonly { refId: string }[]; condition: string };
      expect(data.map(({ refId }) => refId)).toContain(condition);
      for (const query of data) {
        expect(fields(query)).toEqual(['datasourceUid', 'model', 'refId', 'relativeTimeRange']);
      }
    }
  });

  test('have no dollar sign that Grafana would take for a variable of its environment', () => {
    for (const { annotations, labels } of rules) {
      for (const text of Object.values(annotations)) expect(text).not.toContain('$' + '{');
      for (const text of Object.values(labels)) expect(text.replaceAll('$$', '')).not.toContain('$');
    }
  });
});
