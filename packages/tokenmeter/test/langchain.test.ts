/** LangChain and LangGraph in whole processes: attribution by config, and each call counted once. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  expectCountedOnce,
  type FrameworkApp,
  named,
  openFrameworkApp,
  SYSTEMS,
  type System,
  tokenmeter,
} from './framework-app.ts';

let app: FrameworkApp;
beforeAll(async () => {
  app = await openFrameworkApp();
});
afterAll(() => app.close());

async function calls(system: System, lines: string): Promise<string[]> {
  const url = app.provider.openaiBaseUrl;
  const all = `const { ChatOpenAI } = await load('@langchain/openai');
    const { RunnableLambda, RunnableParallel } = await load('@langchain/core/runnables');
    const { OpenAI } = await load('openai');
    const model = (name = 'gpt-4o-mini', fields = {}) =>
      new ChatOpenAI({ model: name, apiKey: 'x', maxRetries: 0, configuration: { baseURL: '${url}' }, ...fields });
    const plain = new OpenAI({ apiKey: 'x', baseURL: '${url}' });
    const ask = (model) => plain.chat.completions.create({ model, messages: [{ role: 'user', content: 'hi' }] });
    ${lines}`;
  const spans = await app.run('langchain-1', system, all);
  expectCountedOnce(spans, app.provider);
  return named(spans);
}

test.each(SYSTEMS)('a model takes its attribution from the config, its own metadata and tags (%s)', async (system) => {
  const lines = `await model().invoke('hi', { metadata: { feature: 'search', team: 'growth', run_kind: 'x' } });
    await model('gpt-4o').invoke('hi', { tags: ['beta', 'feature:summary'] });
    await model('gpt-4.1', { metadata: { feature: 'own' } }).invoke('hi');
    await model('gpt-4.1-mini').invoke('hi');`;
  expect(await calls(system, lines)).toEqual([
    'own gpt-4.1',
    'search gpt-4o-mini growth',
    'summary gpt-4o',
    'untagged gpt-4.1-mini',
  ]);
});

test.each(SYSTEMS)(
  'chains, parallel branches, tools and streams keep it, for calls without LangChain too (%s)',
  async (system) => {
    const lines = `const { tool } = await load('@langchain/core/tools');
    const { z } = await load('zod');
    const chain = RunnableLambda.from((text) => text + '!').pipe(model());
    await chain.invoke('hi', { metadata: { feature: 'chain' } });
    for await (const _ of await chain.stream('hi', { metadata: { feature: 'stream' } }));
    await RunnableParallel.from({
      one: RunnableLambda.from((text) => model('gpt-4o').invoke(text, { metadata: { feature: 'branch' } })),
      other: RunnableLambda.from(() => ask('gpt-4.1')),
    }).invoke('hi', { metadata: { feature: 'parallel', team: 'growth' } });
    const search = tool(async () => { await ask('gpt-4.1-nano'); return 'found'; }, { name: 'search', schema: z.object({}) });
    await search.invoke({}, { metadata: { feature: 'tool' } });
    await Promise.all(['a', 'b'].map((feature) => chain.batch(['x', 'y'], { metadata: { feature } })));
    for await (const _ of await RunnableLambda.from(async function* () {
      await ask('gpt-4.1-mini');
      yield 1;
      await ask('gpt-4.1-mini');
      yield 2;
    }).stream('hi', { metadata: { feature: 'generator' } }));`;
    expect(await calls(system, lines)).toEqual(
      [
        'chain gpt-4o-mini',
        'stream gpt-4o-mini',
        'branch gpt-4o growth',
        'parallel gpt-4.1 growth',
        'tool gpt-4.1-nano',
        'a gpt-4o-mini',
        'a gpt-4o-mini',
        'b gpt-4o-mini',
        'b gpt-4o-mini',
        'generator gpt-4.1-mini',
        'generator gpt-4.1-mini',
      ].sort(),
    );
  },
);

test.each(SYSTEMS)(
  'the nodes of a graph keep it, by invoke and by stream; what the app says itself wins (%s)',
  async (system) => {
    const lines = `const { StateGraph, Annotation, START, END } = await load('@langchain/langgraph');
    const { withFeature } = await load(${tokenmeter(system)});
    const State = Annotation.Root({ text: Annotation() });
    const graph = new StateGraph(State)
      .addNode('plan', async ({ text }) => ({ text: (await model('gpt-4o').invoke(text)).content }))
      .addNode('write', async ({ text }, config) => {
        for await (const _ of await model('gpt-4.1').stream(text, config));
        await withFeature('own', () => model('gpt-4.1-mini').invoke(text));
        return { text: 'done' };
      })
      .addEdge(START, 'plan').addEdge('plan', 'write').addEdge('write', END)
      .compile();
    await graph.invoke({ text: 'hi' }, { metadata: { feature: 'invoked' } });
    for await (const _ of await graph.stream({ text: 'hi' }, { metadata: { feature: 'streamed' }, streamMode: 'messages' }));`;
    expect(await calls(system, lines)).toEqual(
      ['invoked', 'streamed']
        .flatMap((feature) => [`${feature} gpt-4o`, `${feature} gpt-4.1`, 'own gpt-4.1-mini'])
        .sort(),
    );
  },
);
