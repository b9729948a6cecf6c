/** The Claude Agent SDK in whole processes, with a program in the place of Claude Code. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FrameworkApp, openFrameworkApp, SYSTEMS, tokenmeter } from './framework-app.ts';

const PROGRAM = JSON.stringify(fileURLToPath(new URL('fake-claude-code.mjs', import.meta.url)));

let app: FrameworkApp;
beforeAll(async () => {
  app = await openFrameworkApp();
});
afterAll(() => app.close());

describe.each(SYSTEMS)('%s', (system) => {
  const run = (lines: string) =>
    app.run(
      'claude-agent-sdk-0',
      system,
      `const { query } = await load('@anthropic-ai/claude-agent-sdk');
      const { withFeature } = await load(${tokenmeter(system)});
      const ask = (prompt, options = {}) => query({ prompt, options: { ...options, pathToClaudeCodeExecutable: ${PROGRAM} } });
      async function* prompts(...texts) {
        for (const content of texts) yield { type: 'user', session_id: '', parent_tool_use_id: null, message: { role: 'user', content } };
      }
      ${lines}`,
    );

  test('what a result adds is a call of each model, for whoever asked, at the cost that it states', async () => {
    const spans = await run(`
      const messages = withFeature('review', () => ask(prompts('one', 'two')));
      let results = 0;
      for await (const { type } of messages) if (type === 'result' && ++results === 2) break;`);
    const sonnet = {
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.request.model': 'claude-sonnet-4-5',
      'gen_ai.usage.input_tokens': '115',
      'gen_ai.usage.output_tokens': '20',
      'tokenmeter.cost.usd': 0.5,
    };
    const haiku = {
      'gen_ai.provider.name': 'aws.bedrock',
      'gen_ai.request.model': 'claude-haiku-4-5',
      'gen_ai.usage.input_tokens': '1',
      'gen_ai.usage.output_tokens': '2',
      'tokenmeter.cost.usd': 0.25,
    };
    const shared = {
      'tokenmeter.feature': 'review',
      'tokenmeter.cost.status': 'priced',
      'tokenmeter.cost.source': 'provider',
    };
    expect(spans).toEqual([sonnet, haiku, sonnet, haiku].map((one) => expect.objectContaining({ ...shared, ...one })));
  });

  test('an app that leaves before the result leaves an estimate; one that reads by hand is counted as well', async () => {
    const spans = await run(`
      for await (const { type } of ask('one')) if (type === 'assistant') break;
      const messages = ask('two');
      while (!(await messages.next()).done);`);
    const outcomes = spans.map((span) => [span['tokenmeter.outcome'], span['tokenmeter.cost.status']]);
    expect(outcomes).toEqual([
      ['canceled', 'estimated'],
      ['completed', 'priced'],
      ['completed', 'priced'],
    ]);
  });

  test('a resumed session does not count again what came before', async () => {
    const spans = await run(`
      let results = 0;
      const messages = ask(prompts('turns=7', 'two'), { resume: 's' });
      for await (const { type } of messages) if (type === 'result' && ++results === 2) break;`);
    expect(spans.map((span) => [span['gen_ai.usage.input_tokens'], span['tokenmeter.cost.status']])).toEqual([
      ['115', 'estimated'],
      ['115', 'priced'],
      ['1', 'priced'],
    ]);
  });
});
