/** OTLP requests of LLM spans, in protobuf as exporters send them by default. */
import { randomBytes } from 'node:crypto';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';

/** What calls of several instrumentations look like: dated and undated ids, caches, a proxy's name, a model that is new. */
const CALLS = [
  ['openai', 'gpt-4o-mini', { 'gen_ai.response.model': 'gpt-4o-mini-2024-07-18', 'server.address': 'api.openai.com' }],
  ['openai', 'gpt-5', { 'gen_ai.response.model': 'gpt-5-2025-08-07', 'gen_ai.usage.cache_read.input_tokens': 900 }],
  [
    'anthropic',
    'claude-sonnet-4-6',
    { 'gen_ai.usage.cache_read.input_tokens': 600, 'server.address': 'api.anthropic.com' },
  ],
  ['gcp.gemini', 'gemini-2.5-flash', { 'gen_ai.usage.reasoning.output_tokens': 60 }],
  [
    'aws.bedrock',
    'eu.anthropic.claude-sonnet-4-5-20250929-v1:0',
    { 'server.address': 'bedrock-runtime.eu-west-1.amazonaws.com' },
  ],
  ['mistral_ai', 'mistral-large-latest', {}],
  ['openai', 'gpt-4.1', { 'gen_ai.usage.prompt_tokens': 1200 }],
  ['openai', 'a-model-of-tomorrow', {}],
];

const time = (ms) => [Math.floor(ms / 1000), (ms % 1000) * 1e6];

/** The body of a request with `count` spans, each with `contentBytes` of prompts and answers. */
export function traceRequest(count, contentBytes = 0) {
  const resource = { attributes: { 'service.name': 'bench', 'service.instance.id': 'bench-1' } };
  const scope = { name: 'bench' };
  return Buffer.from(
    ProtobufTraceSerializer.serializeRequest(Array.from({ length: count }, (_, index) => span(index))),
  );

  function span(index) {
    const [provider, model, more] = CALLS[index % CALLS.length];
    const ids = { traceId: randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex'), traceFlags: 1 };
    const now = Date.now();
    return {
      ...{ name: `chat ${model}`, kind: 2, status: { code: 0 }, resource, instrumentationScope: scope },
      ...{ startTime: time(now - 900), endTime: time(now), duration: time(900), ended: true },
      spanContext: () => ids,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': provider,
        'gen_ai.request.model': model,
        'gen_ai.request.max_tokens': 1024,
        'gen_ai.request.temperature': 0.2,
        'gen_ai.response.id': `chatcmpl-${index}`,
        'gen_ai.usage.input_tokens': 1200,
        'gen_ai.usage.output_tokens': 150,
        'tokenmeter.feature': `feature-${index % 5}`,
        ...more,
        ...content(contentBytes),
      },
      ...{ events: [], links: [], droppedAttributesCount: 0, droppedEventsCount: 0, droppedLinksCount: 0 },
    };
  }
}

/** Half of it in the two attributes of the newest generation, half in a turn each as OpenLLMetry writes them. */
function content(bytes) {
  if (bytes === 0) return {};
  const part = 'lorem ipsum '.repeat(Math.ceil(bytes / 4 / 12)).slice(0, bytes / 4);
  return {
    'gen_ai.input.messages': part,
    'gen_ai.output.messages': part,
    'gen_ai.prompt.0.content': part,
    'gen_ai.completion.0.content': part,
  };
}
