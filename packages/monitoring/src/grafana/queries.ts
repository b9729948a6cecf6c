/** What a panel is, and the queries that panels are made of. */
import { LABEL } from '../names.ts';
import { sumOver } from '../prometheus/promql.ts';

export type Kind = 'stat' | 'timeseries' | 'bargauge' | 'table';

export interface Query {
  readonly expr: string;
  readonly legend?: string;
}

export interface PanelSpec {
  readonly title: string;
  /** The question that it answers. */
  readonly description: string;
  readonly kind: Kind;
  readonly unit: 'currencyUSD' | 'percentunit' | 'short' | 'd' | 's';
  readonly queries: readonly Query[];
  /** Of 24. */
  readonly width: number;
  readonly height: number;
  /** A point of it leads to the traces of its feature or model: by the label, which every one of its series has. */
  readonly traces?: 'feature' | 'requestModel' | 'outcome';
}

export interface DashboardSpec {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** Has a choice of feature. */
  readonly byFeature: boolean;
  readonly panels: readonly PanelSpec[];
}

/** Variables of the dashboards. All environments: `.*`. */
export const ENVIRONMENT_VARIABLE = 'environment';
export const FEATURE_VARIABLE = 'feature';

/** All that the choices at the top leave: of an environment, of a feature. */
export const IN: string = `${LABEL.environment}=~"$${ENVIRONMENT_VARIABLE}"`;
export const OF: string = `${IN}, ${LABEL.feature}=~"$${FEATURE_VARIABLE}"`;

function of(increase: string, scope: string, more: string): string {
  return `${increase}{${[scope, more].filter(Boolean).join(', ')}}`;
}

/** What a counter grew by in the time that the dashboard shows. */
export function inRange(increase: string, by: string, more = '', scope: string = IN): string {
  return `sum by (${by}) (sum_over_time(${of(increase, scope, more)}[$__range]))`;
}

export function totalInRange(increase: string, more = '', scope: string = IN): string {
  return `sum(sum_over_time(${of(increase, scope, more)}[$__range]))`;
}

/** The same per hour, as a line. */
export function perHour(increase: string, by: string, more = '', scope: string = IN): string {
  return `sum by (${by}) (${sumOver(of(increase, scope, more), '1h')})`;
}

/** A label's value in the legend. */
export function legend(label: string): string {
  return `{{${label}}}`;
}

/** Half of the calls, and 95 of 100, stay below. A label without calls has no line: its quantile is no number. */
export function quantiles(buckets: string, by: string, scope: string = IN): readonly Query[] {
  return [0.5, 0.95].map((share) => ({
    expr: `histogram_quantile(${share}, sum by (le, ${by}) (${buckets}{${scope}})) >= 0`,
    legend: `p${share * 100} ${by.split(', ').map(legend).join(' ')}`,
  }));
}
