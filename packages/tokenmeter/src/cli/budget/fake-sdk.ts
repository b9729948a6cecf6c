/**
 * A call of the project's own SDK to the fake provider, in this process: patched, admitted, observed, priced and recorded as
 * an app's call is. What the provider bills for it is given.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type FakeProvider, startFakeProvider } from '@tokenmeter/fake-provider';
import { configureAttribution, configureRuntime, instrument, withAttribution } from '@tokenmeter/instrumentation';
import type { Attribution, CallRecord } from '@tokenmeter/ledger';
import type { Pricer } from '@tokenmeter/pricing';
import { UNTAGGED } from '@tokenmeter/semconv';

/** What the app's process does with a call. */
export interface Plugs {
  readonly admission: Parameters<typeof configureRuntime>[0]['admission'];
  readonly onRecord: (record: CallRecord) => void;
  readonly pricer: Pricer;
}

export interface FakeCall {
  readonly model: string;
  readonly prompt: string;
  readonly maxTokens: number;
  /** What the answer says was used. */
  readonly usage: { readonly input: number; readonly output: number };
  readonly attribution: Attribution;
}

export interface FakeSdk {
  /** For people: `openai`. */
  readonly name: string;
  /** Rejects as the SDK's own promise does. */
  call(call: FakeCall): Promise<void>;
  close(): Promise<void>;
}

type Client = new (
  options: object,
) => Readonly<Record<string, { create(body: object, options: object): Promise<unknown> }>>;

interface Definition {
  readonly name: string;
  readonly baseUrl: (provider: FakeProvider) => string;
  readonly resource: (client: InstanceType<Client>) => { create(body: object, options: object): Promise<unknown> };
}

/** By `gen_ai.provider.name`. */
const SDKS: Readonly<Record<string, Definition>> = {
  openai: {
    name: 'openai',
    baseUrl: (provider) => provider.openaiBaseUrl,
    resource: (client) => Reflect.get(client.chat as object, 'completions'),
  },
  anthropic: {
    name: '@anthropic-ai/sdk',
    baseUrl: (provider) => provider.anthropicBaseUrl,
    resource: (client) => client.messages as ReturnType<Definition['resource']>,
  },
};

/** The package whose calls are a provider's; undefined where none of these two is. */
export function sdkNameOf(provider: string): string | undefined {
  return SDKS[provider]?.name;
}

/** Undefined where the SDK of that provider is not installed. */
export async function openFakeSdk(provider: string, cwd: string, plugs: Plugs): Promise<FakeSdk | undefined> {
  const definition = SDKS[provider];
  const Client = definition && load(definition.name, cwd);
  if (!definition || !Client) return undefined;
  const server = await startFakeProvider();
  instrument(Client);
  configureRuntime({ sinks: [plugs.onRecord], admission: plugs.admission, pricer: plugs.pricer });
  const client = new Client({ apiKey: 'none-needed', baseURL: definition.baseUrl(server), maxRetries: 0 });
  return {
    name: definition.name,
    async call({ model, prompt, maxTokens, usage, attribution }) {
      const { environment, extra, feature, ...more } = attribution;
      const known = feature === UNTAGGED ? more : { feature, ...more };
      configureAttribution({ env: { TOKENMETER_ENVIRONMENT: environment } });
      const body = { model, max_tokens: maxTokens, messages: [{ role: 'user', content: prompt }] };
      const headers = { 'x-fake-plan': JSON.stringify({ usage, text: 'This is a test.' }) };
      await withAttribution({ ...extra, ...known }, () => definition.resource(client).create(body, { headers }));
    },
    async close() {
      configureRuntime({});
      configureAttribution({});
      await server.close();
    },
  };
}

function load(name: string, cwd: string): Client | undefined {
  for (const from of [join(cwd, 'package.json'), import.meta.url]) {
    try {
      const exported = createRequire(from)(name) as { default?: Client };
      return exported.default ?? (exported as unknown as Client);
    } catch {
      // Elsewhere, perhaps.
    }
  }
  return undefined;
}
