/**
 * The parser, the validator and the budgets, loaded when there is a file to read or an event to send: most apps have none, and `tokenmeter/register` is
 * loaded into every one of them.
 */
import { createRequire } from 'node:module';

const load: NodeJS.Require = createRequire(import.meta.url);

export function yaml(): typeof import('yaml') {
  return load('yaml') as typeof import('yaml');
}

export function ajv(): typeof import('ajv') {
  return load('ajv') as typeof import('ajv');
}

export function budgets(): typeof import('@tokenmeter/budgets') {
  return load('@tokenmeter/budgets') as typeof import('@tokenmeter/budgets');
}
