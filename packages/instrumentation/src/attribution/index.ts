/** Attribution: who a call is for. */
export { WITHOUT_BAGGAGE } from './baggage.ts';
export { configureAttribution } from './config.ts';
export { watchCalls, withAttribution, withFeature, withFrameworkAttribution, withRequest } from './context.ts';
export { currentAttribution } from './current.ts';
export type { AttributionInput } from './tags.ts';
