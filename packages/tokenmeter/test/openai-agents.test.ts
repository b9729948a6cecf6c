/** The OpenAI Agents SDK in whole processes: it asks models through the openai SDK, where its calls are counted. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectCountedOnce, type FrameworkApp, named, openFrameworkApp, SYSTEMS, tokenmeter } from './framework-app.ts';

let app: FrameworkApp;
beforeAll(async () => {
  app = await openFrameworkApp();
});
afterAll(() => app.close());

test.each(SYSTEMS)('turns, hand-offs and streams are calls of whoever started the run (%s)', async (system) => {
  const spans = await app.run(
    'openai-agents-0',
    system,
    `const { Agent, run, tool, setDefaultOpenAIClient, setOpenAIAPI, setTracingDisabled } = await load('@openai/agents');
    const { OpenAI } = await load('openai');
    const { z } = await load('zod');
    const { withFeature } = await load(${tokenmeter(system)});
    setTracingDisabled(true);
    setDefaultOpenAIClient(new OpenAI({ apiKey: 'x', baseURL: '${app.provider.openaiBaseUrl}' }));
    const clock = tool({ name: 'clock', description: 'time', parameters: z.object({}), execute: async () => 'noon' });
    const expert = new Agent({ name: 'expert', instructions: 'Answer.', model: 'gpt-4o' });
    const agents = {
      turns: new Agent({ name: 'turns', instructions: 'Help.', model: 'gpt-4o-mini', tools: [clock] }),
      handoff: new Agent({ name: 'front', instructions: 'Pass on.', model: 'gpt-4.1-mini', handoffs: [expert] }),
    };
    for (const api of ['responses', 'chat_completions']) {
      setOpenAIAPI(api);
      await Promise.all(Object.entries(agents).map(([feature, agent]) => withFeature(feature, () => run(agent, 'hi'))));
      const streamed = await withFeature('stream', () => run(agents.turns, 'hi', { stream: true }));
      for await (const _ of streamed);
    }`,
  );
  expectCountedOnce(spans, app.provider);
  const once = [
    'handoff gpt-4.1-mini',
    'handoff gpt-4o',
    'stream gpt-4o-mini',
    'stream gpt-4o-mini',
    'turns gpt-4o-mini',
    'turns gpt-4o-mini',
  ];
  expect(named(spans)).toEqual([...once, ...once].sort());
});
