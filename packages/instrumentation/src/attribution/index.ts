/** Attribution: who a call is for. */
export { withoutBaggage } from './baggage.ts';
export { configureAttribution } from './config.ts';
export { withAttribution, withFeature, withFrameworkAttribution, withRequest } from './context.ts';
export { currentAttribution } from './current.ts';
export type { CallWatcher } from './scope.ts';
export type { AttributionInput } from './tags.ts';
