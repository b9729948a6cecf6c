/**
 * The SDKs for Bedrock and Vertex never load the main module of the SDK that they are made of: their calls are seen all the
 * same, in either module system, and the app sees what it sees without us.
 */
import { expect, test } from 'vitest';
import { runApp } from './harness/app.ts';
import { MODULE_SYSTEMS } from './harness/projects.ts';

const SOURCE = `async ({ AnthropicBedrock }, { AnthropicVertex }) => {
  const seen = [];
  const authClient = { projectId: 'p', getRequestHeaders: async () => new Headers({ authorization: 'Bearer test' }) };
  const params = { max_tokens: 50, messages: [{ role: 'user', content: 'Hello.' }] };
  const clients = [
    [new AnthropicBedrock({ apiKey: 'test', baseURL: process.env.BASE_URL }), 'anthropic.claude-sonnet-4-5-20250929-v1:0'],
    [new AnthropicVertex({ region: 'global', authClient, baseURL: process.env.BASE_URL + '/v1' }), 'claude-sonnet-4-5@20250929'],
  ];
  for (const [client, model] of clients) {
    seen.push(await client.messages.create({ ...params, model }));
    for await (const event of client.messages.stream({ ...params, model })) seen.push(event);
    seen.push(await client.messages.create({ ...params, model, messages: 'none' }).catch((error) => error.message));
  }
  console.log(JSON.stringify(seen));
}`;

const modules = ['@anthropic-ai/bedrock-sdk', '@anthropic-ai/vertex-sdk'];

test.each(MODULE_SYSTEMS)(
  'Claude on Bedrock and Vertex in %s',
  async (system) => {
    const { without, withIt } = await runApp({ folder: 'anthropic-clouds-1', system, modules, source: SOURCE });
    expect(withIt.transcript).toEqual(without.transcript);
    expect(withIt.doubles).toEqual([]);
    expect(withIt.calls.map(({ provider, outcome, cost }) => [provider, outcome, cost.status])).toEqual(
      ['aws.bedrock', 'gcp.vertex_ai'].flatMap((provider) => [
        [provider, 'completed', 'priced'],
        [provider, 'completed', 'priced'],
        [provider, 'failed', 'free'],
      ]),
    );
  },
  60_000,
);
