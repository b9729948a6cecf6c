/** Attribution: who a call is for. */
export { withoutBaggage } from './baggage.ts';
export { callSite } from './call-site.ts';
export {
  type AttributionOptions,
  configureAttribution,
  DEFAULT_BAGGAGE_KEYS,
  type RouteRule,
} from './config.ts';
export { withAttribution, withFeature, withFrameworkAttribution, withRequest } from './context.ts';
export { currentAttribution } from './current.ts';
export type { AttributionInput } from './tags.ts';
