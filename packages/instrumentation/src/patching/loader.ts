/**
 * A module loader for Node's own thread of loaders, where `hooks.ts` cannot do without one. A file of its own in the build:
 * it is loaded by its URL.
 */
import type { InitializeHook, LoadHook } from 'node:module';
import { announcing, MainModules, type Watched } from './main-module.ts';

export interface LoaderData {
  readonly watched: Watched;
}

let mains: MainModules = new MainModules(new Map());

export const initialize: InitializeHook<LoaderData> = ({ watched }) => {
  mains = new MainModules(watched);
};

export const load: LoadHook = async (url, context, nextLoad) =>
  announcing(url, context, await nextLoad(url, context), mains);
