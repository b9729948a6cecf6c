/** An alert as this package describes it, and how it becomes a rule. */
import { FALLBACK_TEAM } from '@tokenmeter/budgets';
import type { MonitoringModel } from '../../model.ts';
import { LABEL } from '../../names.ts';
import type { AlertRule } from '../promql.ts';

export type Severity = 'critical' | 'warning' | 'info' | 'none';

export interface Alert {
  /** Names its runbook, too. */
  readonly name: string;
  readonly severity: Severity;
  readonly expr: string;
  readonly for?: string;
  /** One line with the number, for a person who has only this line. */
  readonly summary: string;
  readonly description: string;
  /** Further labels. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** The value of a label in a template. */
export function value(label: string): string {
  return `{{ $labels.${label} }}`;
}

/** The amount that the expression gives, in a template. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: a dollar before a placeholder of Prometheus
export const USD = '${{ $value | printf "%.2f" }}';
export const PERCENT = '{{ $value | humanizePercentage }}';
/** ` in production`, where there is an environment. */
export const IN_ENVIRONMENT: string = `{{ with $labels.${LABEL.environment} }} in {{ . }}{{ end }}`;

export function alertRule(alert: Alert, model: MonitoringModel): AlertRule {
  const { name, severity, expr, summary, description } = alert;
  return {
    alert: name,
    expr,
    ...(alert.for !== undefined && { for: alert.for }),
    labels: {
      severity,
      team: `{{ with $labels.${LABEL.team} }}{{ . }}{{ else }}${FALLBACK_TEAM}{{ end }}`,
      ...alert.labels,
    },
    annotations: { summary, description, runbook_url: `${model.runbooks}/${name}.md` },
  };
}
