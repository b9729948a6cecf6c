/** A secret that stands wherever a prompt or an answer may stand is in nothing that leaves the collector. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Collector, startCollector, toFiles } from '../lib/collector.ts';
import { type Attributes, pairs, spansByName, traces } from '../lib/otlp.ts';
import { eventually } from '../lib/process.ts';

const SECRET = 'the-launch-code-is-7345';

/** As instrumentations write them, one of each kind. */
const KEYS = [
  ...['gen_ai.input.messages', 'gen_ai.output.messages', 'gen_ai.system_instructions', 'gen_ai.tool.definitions'],
  ...[
    'gen_ai.tool.call.arguments',
    'gen_ai.tool.call.result',
    'gen_ai.retrieval.query.text',
    'gen_ai.retrieval.documents',
  ],
  ...[
    'gen_ai.memory.query.text',
    'gen_ai.memory.records',
    'gen_ai.prompt.variable.name',
    'gen_ai.prompt',
    'gen_ai.completion',
  ],
  ...['gen_ai.prompt.0.content', 'gen_ai.completion.0.content', 'gen_ai.completion.0.tool_calls.0.arguments'],
  ...['gen_ai.content.prompt', 'gen_ai.content.completion', 'gen_ai.event.content', 'gen_ai.tool.message'],
  ...[
    'llm.prompts',
    'llm.completions',
    'llm.input_messages.0.message.content',
    'llm.output_messages.0.message.content',
  ],
  ...[
    'llm.prompt_template.template',
    'llm.prompt_template.variables',
    'llm.tools.0.tool.json_schema',
    'llm.invocation_parameters',
  ],
  ...[
    'llm.function_call',
    'llm.request.functions.0.description',
    'llm.prompts.0.prompt.text',
    'llm.choices.0.completion.text',
  ],
  ...[
    'input.value',
    'output.value',
    'retrieval.documents.0.document.content',
    'reranker.query',
    'reranker.input_documents.0.document.content',
  ],
  ...['embedding.text', 'embedding.embeddings.0.embedding.text', 'tool.parameters', 'tool_call.function.arguments'],
  ...['traceloop.entity.input', 'traceloop.entity.output', 'traceloop.prompt.template'],
  ...[
    'ai.prompt',
    'ai.prompt.messages',
    'ai.prompt.tools',
    'ai.response.text',
    'ai.response.object',
    'ai.response.toolCalls',
  ],
  ...['ai.toolCall.args', 'ai.toolCall.result', 'ai.value', 'ai.values', 'ai.result.text', 'ai.response.reasoning'],
  ...[
    'langfuse.trace.input',
    'langfuse.observation.output',
    'request_data',
    'response_data',
    'all_messages_events',
    'final_result',
  ],
  ...['mlflow.spanInputs', 'mlflow.spanOutputs', 'http.request.body.content', 'http.response.body.content'],
  ...['exception.message', 'exception.stacktrace', 'input', 'output', 'prompt', 'completion', 'message', 'content'],
];
const SECRETS: Attributes = Object.fromEntries(KEYS.map((key) => [key, `${key}: ${SECRET}`]));
const CALL: Attributes = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai',
  'gen_ai.request.model': 'gpt-4o',
  'gen_ai.usage.input_tokens': 1000,
  'gen_ai.usage.output_tokens': 100,
};

let collector: Collector;
beforeAll(async () => {
  collector = await startCollector({ config: toFiles });
});
afterAll(async () => {
  await collector?.stop();
  collector?.remove();
});

async function written(file: string, contains: string): Promise<string> {
  return eventually(() => {
    const text = collector.lines(file).length > 0 ? readFileSync(join(collector.folder, file), 'utf8') : '';
    return text.includes(contains) ? text : undefined;
  });
}

test.each([
  ['without events', []],
  [
    'with events',
    [
      { name: 'gen_ai.content.prompt', attributes: SECRETS },
      { name: 'exception', attributes: SECRETS },
    ],
  ],
])('spans %s, priced and with their status', async (name, events) => {
  await collector.send(
    'traces',
    traces([{ name, attributes: { ...CALL, ...SECRETS }, events, error: `bad prompt: ${SECRET}` }]),
  );
  const text = await written('traces.jsonl', `"${name}"`);
  expect(text).not.toContain(SECRET);
  expect(spansByName(collector.lines('traces.jsonl')).get(name)).toMatchObject({
    ...CALL,
    'tokenmeter.cost.status': 'priced',
  });
});

test('spans of other instrumentations, and calls that our SDK has counted', async () => {
  const kinds: readonly Attributes[] = [
    { 'openinference.span.kind': 'CHAIN' },
    { 'traceloop.span.kind': 'workflow' },
    { 'ai.operationId': 'ai.generateText' },
    { ...CALL, 'tokenmeter.metered': true },
    { 'gen_ai.operation.name': 'execute_tool' },
  ];
  await collector.send(
    'traces',
    traces(kinds.map((kind, index) => ({ name: `kind ${index}`, attributes: { ...kind, ...SECRETS } }))),
  );
  expect(await written('traces.jsonl', '"kind 4"')).not.toContain(SECRET);
});

test('logs: events of calls, by name and by attribute', async () => {
  const body = { stringValue: SECRET };
  const records = [
    { eventName: 'gen_ai.client.inference.operation.details', attributes: pairs(SECRETS), body },
    { attributes: pairs({ ...SECRETS, 'event.name': 'gen_ai.user.message' }), body },
    { attributes: pairs({ ...SECRETS, 'gen_ai.system': 'openai', last: true }), body },
  ];
  await collector.send('logs', { resourceLogs: [{ scopeLogs: [{ logRecords: records }] }] });
  expect(await written('logs.jsonl', '"last"')).not.toContain(SECRET);
});

test('metrics have it neither', async () => {
  const scraped = await eventually(async () => {
    const text = await (await fetch(`http://127.0.0.1:${collector.ports.prometheus}/metrics`)).text();
    return text.includes('tokenmeter_cost_usd_total') ? text : undefined;
  });
  expect(scraped).not.toContain(SECRET);
});

test('a span that is no call keeps what it has', async () => {
  const attributes = { 'http.request.method': 'POST', message: 'kept' };
  await collector.send('traces', traces([{ name: 'POST /orders', attributes, error: 'kept, too' }]));
  const text = await written('traces.jsonl', 'POST /orders');
  expect(spansByName(collector.lines('traces.jsonl')).get('POST /orders')).toMatchObject(attributes);
  expect(text).toContain('kept, too');
});
