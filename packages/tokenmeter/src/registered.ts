/** What `register` made of this process; once per process, though both module formats may be loaded. */
import type { Composition } from './compose.ts';

interface Registered {
  composition?: Composition;
}

const KEY = Symbol.for('tokenmeter.v1.registered');

const processWide = globalThis as Record<symbol, unknown>;
processWide[KEY] ??= {};

export const registered: Registered = processWide[KEY] as Registered;
