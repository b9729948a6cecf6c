/**
 * What an app does with an SDK whose methods return plain promises and, for streams, objects to iterate. An adapter says
 * how one SDK is asked:
 *
 * - `clientOf(Class, settings, loaded)`, `needs`: a client, and what it must have
 * - `params()`, `streamParams()`, `create(client, params, options)`, `stream(client, params, options)`: the main method
 * - `itemsOf(result)`: what there is to iterate in a stream's result; default: the result
 * - `signal(signal)`: options that carry a signal, where methods take one; `abort(client)` where the client has it
 * - `others`: `name: (client) => promise`, further methods
 * - `holders(client)`: the object that has the methods, and their names
 * - `lingers`: true where the SDK leaves a connection open that nobody reads any more, until it is collected
 * - `retries`: a fault that the SDK retries until it is over
 * - `reader`: true where the stream is a readable stream
 */
import { creates } from './create.mjs';
import { errors } from './errors.mjs';
import { streams } from './stream.mjs';

export function scenariosOf(adapter) {
  const { needs } = adapter;
  const all = [...creates(adapter), ...streams(adapter), ...errors(adapter)];
  return all.map((scenario) => ({ needs, ...scenario }));
}
