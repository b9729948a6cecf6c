/**
 * An Alertmanager configuration: each team hears of its own features in its own Slack channel, what is critical wakes
 * somebody up by PagerDuty as well, and a budget that is overspent speaks once and not four times.
 *
 * Secrets are read from files. Everything in it is understood by Alertmanager 0.25 and by the current one.
 */
import { BUDGET_ALERT, FALLBACK_TEAM } from '@tokenmeter/budgets';
import type { MonitoringModel } from './model.ts';
import { LABEL } from './names.ts';
import { teamOf } from './prometheus/scopes.ts';

const SECRETS = '/etc/alertmanager/secrets';
const GROUP = ['alertname', LABEL.environment, LABEL.feature, LABEL.budget, LABEL.budgetScope, LABEL.budgetThreshold];
/** On a threshold, or on the pace. */
const ON_BUDGET = `alertname=~"${BUDGET_ALERT}.*"`;

const TITLE =
  '{{ .CommonLabels.severity | toUpper }}: {{ .CommonLabels.alertname }}{{ if eq .Status "resolved" }} is over{{ end }}';
const TEXT = '{{ range .Alerts }}{{ .Annotations.summary }} <{{ .Annotations.runbook_url }}|What to do>\n{{ end }}';

export function alertmanagerConfig(model: MonitoringModel): object {
  const teams = teamsOf(model);
  return {
    global: { resolve_timeout: '5m' },
    route: {
      receiver: slackOf(FALLBACK_TEAM),
      group_by: GROUP,
      ...{ group_wait: '30s', group_interval: '5m', repeat_interval: '12h' },
      routes: [
        // To a service that complains when it does not hear from it: give the receiver a webhook of yours.
        { receiver: 'watchdog', matchers: ['alertname="TokenmeterWatchdog"'], group_wait: '0s', repeat_interval: '5m' },
        // Goes on to the channel of the team.
        { receiver: 'pagerduty', matchers: ['severity="critical"'], group_wait: '10s', continue: true },
        ...teams.map((team) => ({
          receiver: slackOf(team),
          matchers: [`team=${JSON.stringify(team)}`],
          routes: [{ receiver: slackOf(team), matchers: ['severity="info"'], group_wait: '5m', repeat_interval: '3d' }],
        })),
      ],
    },
    inhibit_rules: [
      {
        source_matchers: ['severity="critical"', ON_BUDGET],
        target_matchers: ['severity=~"warning|info"', ON_BUDGET],
        equal: [LABEL.environment, LABEL.budget, LABEL.budgetWindow, LABEL.budgetScope],
      },
      {
        source_matchers: ['severity="warning"', ON_BUDGET],
        target_matchers: ['severity="info"', ON_BUDGET],
        equal: [LABEL.environment, LABEL.budget, LABEL.budgetWindow, LABEL.budgetScope],
      },
      // A scope whose values may not go on metrics: rules only know the highest, and a process that pushes says whose it is.
      {
        source_matchers: [`alertname="${BUDGET_ALERT}"`, `${LABEL.budgetScope}=~".+"`],
        target_matchers: [`alertname="${BUDGET_ALERT}"`, `${LABEL.budgetScopeKey}=~".+"`, `${LABEL.budgetScope}=""`],
        equal: [LABEL.environment, LABEL.budget, LABEL.budgetWindow, LABEL.budgetThreshold],
      },
    ],
    receivers: [
      { name: 'watchdog' },
      {
        name: 'pagerduty',
        pagerduty_configs: [
          {
            routing_key_file: `${SECRETS}/pagerduty-routing-key`,
            severity: '{{ .CommonLabels.severity }}',
            description: '{{ (index .Alerts 0).Annotations.summary }}',
            component: `{{ .CommonLabels.${LABEL.feature} }}`,
            group: '{{ .CommonLabels.team }}',
            links: [{ href: '{{ (index .Alerts 0).Annotations.runbook_url }}', text: 'What to do' }],
          },
        ],
      },
      ...teams.map((team) => ({
        name: slackOf(team),
        // The webhook of a Slack app is for one channel: newer Alertmanagers leave out the name of any other.
        slack_configs: [
          {
            api_url_file: `${SECRETS}/slack-webhook-${team}`,
            ...{ channel: `#${team}-alerts`, send_resolved: true, title: TITLE, text: TEXT },
          },
        ],
      })),
    ],
  };
}

function teamsOf({ features, budgets }: MonitoringModel): readonly string[] {
  const teams = [...Object.values(features).map(({ team }) => team), ...budgets.map(teamOf)];
  return [...new Set([FALLBACK_TEAM, ...teams.filter((team) => team !== undefined)])];
}

function slackOf(team: string): string {
  return `slack-${team}`;
}
