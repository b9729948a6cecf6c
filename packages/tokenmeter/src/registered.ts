/** What `register` made of this process; once per process, though both module formats may be loaded. */
import type { AlertFunction, Downgrade } from '@tokenmeter/budgets';
import type { Composition } from './compose.ts';

interface Registered {
  composition?: Composition;
  /** What the app's code adds to the configuration of its budgets. */
  downgrade?: Downgrade;
  readonly alertListeners: Set<AlertFunction>;
}

const KEY = Symbol.for('tokenmeter.v1.registered');

const processWide = globalThis as Record<symbol, unknown>;
processWide[KEY] ??= { alertListeners: new Set() } satisfies Registered;

export const registered: Registered = processWide[KEY] as Registered;
