/**
 * The last moment of a process, after which nothing asynchronous happens: `process.exit()`, or an error that nobody caught.
 * A thread of its own sends what waits, and this one stands still until it has, for a bounded time.
 */
import { isMainThread, Worker } from 'node:worker_threads';
import type { Target } from './post.ts';

/** Bodies of one channel, sent one after the other. */
export interface Bag {
  readonly target: Target;
  readonly bodies: readonly string[];
}

/** HTTP status of each body; {@link UNREACHED} or {@link UNANSWERED} where there is none. */
export type Statuses = readonly (readonly number[])[];

export const UNANSWERED = 0;
export const UNREACHED = -1;

/**
 * Plain JavaScript, because it must run from wherever a bundler has put this file. It writes a status for each body, and
 * wakes the other thread when all bags are empty. A redirect is not followed.
 */
const THREAD = `
const { workerData: { bags, state } } = require('node:worker_threads');
const send = ({ url, auth }, body) => new Promise((resolve) => {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const request = require(url.startsWith('https:') ? 'node:https' : 'node:http').request;
  const sent = request(url, { method: 'POST', headers, auth }, (response) => {
    response.on('error', () => {}).resume();
    resolve(response.statusCode);
  });
  sent.on('error', () => resolve(${UNREACHED}));
  sent.end(body);
});
let at = 1;
Promise.all(bags.map(async (bag) => {
  const first = at;
  at += bag.bodies.length;
  for (const [index, body] of bag.bodies.entries()) Atomics.store(state, first + index, await send(bag, body));
})).then(() => {
  Atomics.store(state, 0, 1);
  Atomics.notify(state, 0);
});
`;

/** Returns after `timeoutMs` at the latest. Undefined where no thread can be started: then nothing was sent. Never throws. */
export function postLast(bags: readonly Bag[], timeoutMs: number): Statuses | undefined {
  if (!isMainThread) return undefined;
  const count = bags.reduce((sum, { bodies }) => sum + bodies.length, 0);
  try {
    const state = new Int32Array(new SharedArrayBuffer((1 + count) * Int32Array.BYTES_PER_ELEMENT));
    const letters = bags.map(({ target: { url, auth }, bodies }) => ({ url: url.href, auth, bodies }));
    // Without the app's preloads, among them this very package.
    const env = { ...process.env, NODE_OPTIONS: undefined };
    new Worker(THREAD, { eval: true, execArgv: [], env, workerData: { bags: letters, state } }).unref();
    Atomics.wait(state, 0, 0, timeoutMs);
    let at = 1;
    return bags.map(({ bodies }) => bodies.map(() => Atomics.load(state, at++)));
  } catch {
    return undefined;
  }
}
