/** What stays of a call that has ended: SDKs keep their promises for long, and these keep the context of the call. */
import { AsyncResource } from 'node:async_hooks';
import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Lab, loadSdk, OPENAI_MAJORS, openLab, untilCollected } from '../testing/lab.ts';
import { currentCall } from './runtime.ts';

interface Client {
  chat: { completions: { create(params: object): Promise<object> } };
}

let lab: Lab;

beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());
beforeEach(() => lab.begin());
afterEach(() => context.disable());

describe.each(OPENAI_MAJORS)('%s', (folder) => {
  it.each([
    ['an answer', 'no context manager', 200],
    ['an answer', 'a context manager', 200],
    ['an error', 'no context manager', 400],
  ])('lets go of a call that ended with %s, with %s', async (_, kind, status) => {
    if (kind === 'a context manager') context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    let call: WeakRef<object> | undefined;
    let within: AsyncResource | undefined;
    const Client = loadSdk<Client>(folder);
    const client = new Client({
      apiKey: 'x',
      baseURL: `${lab.provider.url}/v1`,
      fetch: (...args: Parameters<typeof fetch>) => {
        call = new WeakRef(currentCall() as object);
        within = new AsyncResource('kept by an SDK');
        return status === 200 ? fetch(...args) : Promise.resolve(new Response('{}', { status }));
      },
    });
    const promise = client.chat.completions.create({ model: 'gpt-5', messages: [{ role: 'user', content: 'hi' }] });
    if (status === 200) await promise;
    else await expect(promise).rejects.toMatchObject({ status });
    expect(lab.records).toHaveLength(1);
    expect(await untilCollected(() => (call?.deref() === undefined ? true : undefined))).toBe(true);
    expect(within?.runInAsyncScope(() => currentCall())).toBeUndefined();
    // Kept to the end, as an app may.
    expect(promise).toBeInstanceOf(Promise);
  });
});
