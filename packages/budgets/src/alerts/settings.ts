/** Where alerts go, as `alerts:` of `tokenmeter.yaml` says it; and which channels a budget uses. */
import type { AlertAction, ChannelName } from './types.ts';

export interface AlertSettings {
  /** URL of an incoming webhook: a secret. */
  readonly slack?: { readonly webhook: string };
  readonly pagerduty?: {
    /** Key of an Events API v2 integration: a secret. */
    readonly routingKey: string;
    /** Default: PagerDuty's, `https://events.pagerduty.com/v2/enqueue`. */
    readonly url?: string;
  };
  /** Base URL, e.g. `http://127.0.0.1:9093`. */
  readonly alertmanager?: { readonly url: string };
  readonly webhook?: { readonly url: string };
}

/** What needs no settings. */
const BUILT_IN: readonly ChannelName[] = ['log', 'event'];

/** Alertmanager routes to these itself. */
const ROUTED: readonly ChannelName[] = ['slack', 'pagerduty'];

/** The channels that can be used. */
export function channelsOf(settings: AlertSettings): readonly ChannelName[] {
  const configured = (['slack', 'pagerduty', 'webhook', 'alertmanager'] as const).filter((name) => settings[name]);
  return [...BUILT_IN, ...configured];
}

/**
 * The actions of a budget. Named ones are taken as they are. Without any: every channel that has settings; where
 * Alertmanager is one of them, Slack and PagerDuty are left to it.
 */
export function actionsOf(named: readonly AlertAction[] | undefined, settings: AlertSettings): readonly AlertAction[] {
  if (named) return named;
  const all = channelsOf(settings);
  return settings.alertmanager ? all.filter((name) => !ROUTED.includes(name)) : all;
}
