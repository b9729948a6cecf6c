/**
 * A module loader for Node's own thread of loaders, where `hooks.ts` cannot do without one. A file of its own in the build:
 * it is loaded by its URL.
 */
import type { InitializeHook, LoadHook } from 'node:module';
import { announcing, MainModules } from './main-module.ts';

export interface LoaderData {
  readonly names: readonly string[];
}

let mains: MainModules = new MainModules([]);

export const initialize: InitializeHook<LoaderData> = ({ names }) => {
  mains = new MainModules(names);
};

export const load: LoadHook = async (url, context, nextLoad) => announcing(url, await nextLoad(url, context), mains);
