export { type Consumption, METERS } from './core/consumption.ts';
export type { Operation, ProviderName } from './core/exchange.ts';
export { type Fault, parseFault, USAGE_DISTORTIONS, type UsageDistortion } from './core/faults.ts';
export { SNAPSHOTS } from './core/models.ts';
export { FAULT_HEADER, type Finish, PLAN_HEADER, type Plan } from './core/plan.ts';
export type { Served, ServedEntry, ServedOutcome, ServedSum, ServedTotals } from './core/served.ts';
export { type FakeProvider, type FakeProviderOptions, startFakeProvider } from './server.ts';
