/** The specs as Grafana's classic dashboards (schema 42, Grafana 10 to 13), by Grafana's own builders. */

import { PanelBuilder as BarGauge } from '@grafana/grafana-foundation-sdk/bargauge';
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import {
  LegendDisplayMode,
  LegendPlacement,
  SortOrder,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type Dashboard,
  DashboardBuilder,
  DashboardLinkBuilder,
  DatasourceVariableBuilder,
  type Panel,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as Stat } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as Table } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries';
import { ATTR, TOKENMETER_ATTR } from '@tokenmeter/semconv';
import { LABEL } from '../names.ts';
import { toDate } from '../prometheus/windows.ts';
import { DASHBOARDS } from './panels.ts';
import { type DashboardSpec, ENVIRONMENT_VARIABLE, FEATURE_VARIABLE, type Kind, type PanelSpec } from './queries.ts';

/** The data source that is chosen at the top. */
const DATASOURCE = { type: 'prometheus', uid: variable('datasource') };
const TAG = 'tokenmeter';
/** The data source of traces in `deploy/`. */
export const TRACES_UID = 'jaeger';

const BUILDERS: Readonly<Record<Kind, () => Stat | TimeSeries | BarGauge | Table>> = {
  stat: () => new Stat(),
  timeseries: () =>
    new TimeSeries()
      .legend(
        new VizLegendOptionsBuilder()
          .showLegend(true)
          .displayMode(LegendDisplayMode.List)
          .placement(LegendPlacement.Bottom),
      )
      .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending)),
  bargauge: () => new BarGauge(),
  table: () => new Table(),
};

/** File name and dashboard. */
export function dashboards(): readonly (readonly [file: string, dashboard: Dashboard])[] {
  return DASHBOARDS.map((spec) => [`${spec.uid}.json`, dashboardOf(spec)]);
}

function dashboardOf(spec: DashboardSpec): Dashboard {
  const builder = new DashboardBuilder(spec.title)
    .uid(spec.uid)
    .description(spec.description)
    .tags([TAG])
    .time({ from: 'now-24h', to: 'now' })
    .refresh('1m')
    .readonly()
    .link(new DashboardLinkBuilder('LLM cost').tags([TAG]).asDropdown(true).includeVars(true).keepTime(true))
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
    .withVariable(labelVariable(ENVIRONMENT_VARIABLE, 'Environment', LABEL.environment));
  if (spec.byFeature) builder.withVariable(labelVariable(FEATURE_VARIABLE, 'Feature', LABEL.feature));
  let [x, y, rowHeight] = [0, 0, 0];
  for (const [index, panel] of spec.panels.entries()) {
    if (x + panel.width > 24) [x, y, rowHeight] = [0, y + rowHeight, 0];
    builder.withPanel(panelOf(panel, index + 1, x, y));
    x += panel.width;
    rowHeight = Math.max(rowHeight, panel.height);
  }
  return builder.build();
}

/** A series without the label counts as well: `.*` matches what is not there. */
function labelVariable(name: string, label: string, of: string): QueryVariableBuilder {
  const query = `label_values(${toDate('month')}, ${of})`;
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query({ query, refId: name })
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .includeAll(true)
    .allValue('.*')
    .multi(true);
}

function panelOf(spec: PanelSpec, id: number, x: number, y: number): Builder<Panel> {
  const builder = BUILDERS[spec.kind]()
    .id(id)
    .title(spec.title)
    .description(spec.description)
    .unit(spec.unit)
    .datasource(DATASOURCE)
    .gridPos({ x, y, w: spec.width, h: spec.height });
  for (const [index, { expr, legend = '' }] of spec.queries.entries()) {
    builder.withTarget(targetOf(spec.kind, expr, legend, String.fromCharCode(65 + index)));
  }
  if (spec.traces) {
    const url = tracesUrl(spec.traces, spec.kind);
    builder.dataLinks([new DashboardLinkBuilder('Traces').url(url).targetBlank(true)]);
  }
  return builder;
}

function targetOf(kind: Kind, expr: string, legend: string, refId: string): Builder<Dataquery> {
  const query = new DataqueryBuilder().datasource(DATASOURCE).expr(expr).legendFormat(legend).refId(refId);
  if (kind === 'timeseries') return query.range();
  return kind === 'table' ? query.instant().format(PromQueryFormat.Table) : query.instant();
}

/** What the labels of {@link LABEL} are on spans. */
const SPAN_ATTRIBUTE = {
  feature: TOKENMETER_ATTR.feature,
  requestModel: ATTR.requestModel,
  outcome: TOKENMETER_ATTR.outcome,
} as const;

/** Explore, with a search for the calls of what was clicked on. A table has fields, a line has labels. */
function tracesUrl(by: keyof typeof SPAN_ATTRIBUTE, kind: Kind): string {
  const value = variable(`${kind === 'table' ? '__data.fields' : '__field.labels'}.${LABEL[by]}`);
  const panes = {
    traces: {
      datasource: TRACES_UID,
      queries: [{ refId: 'A', queryType: 'search', tags: `${SPAN_ATTRIBUTE[by]}=${value}` }],
      range: { from: variable('__from'), to: variable('__to') },
    },
  };
  // Grafana fills in variables only where they stand as they are.
  const encoded = encodeURIComponent(JSON.stringify(panes)).replaceAll(/%24%7B([\w.]+)%7D/g, (_, name) =>
    variable(name),
  );
  return `/explore?schemaVersion=1&orgId=1&panes=${encoded}`;
}

/** As Grafana writes a variable. */
function variable(name: string): string {
  return `\${${name}}`;
}
