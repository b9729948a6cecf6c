import { describe, expect, it } from 'vitest';
import { type AlertSettings, actionsOf, channelsOf } from './settings.ts';

const slack = { webhook: 'https://hooks.slack.com/x' };
const pagerduty = { routingKey: 'k' };
const alertmanager = { url: 'http://127.0.0.1:9093' };
const webhook = { url: 'http://127.0.0.1/hook' };

describe('the actions of a budget', () => {
  it.each([
    ['nothing', {}, ['log', 'event']],
    ['Slack and PagerDuty', { slack, pagerduty }, ['log', 'event', 'slack', 'pagerduty']],
    // It routes to Slack and PagerDuty itself.
    ['Alertmanager, too', { slack, pagerduty, alertmanager, webhook }, ['log', 'event', 'webhook', 'alertmanager']],
  ] as [string, AlertSettings, string[]][])(
    'without any named, are all channels that are set: %s',
    (_, settings, expected) => {
      expect(actionsOf(undefined, settings)).toEqual(expected);
    },
  );

  it('are those that are named: Slack beside Alertmanager only where both are', () => {
    expect(actionsOf(['alertmanager'], { slack, alertmanager })).toEqual(['alertmanager']);
    expect(actionsOf(['alertmanager', 'slack'], { slack, alertmanager })).toEqual(['alertmanager', 'slack']);
    expect(actionsOf([], { slack })).toEqual([]);
  });
});

it('channels that can be used are those with settings, and two that need none', () => {
  expect(channelsOf({})).toEqual(['log', 'event']);
  expect(channelsOf({ webhook, slack })).toEqual(['log', 'event', 'slack', 'webhook']);
});
