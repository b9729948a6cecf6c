/**
 * The floor: what an app would write by hand around its own call to get the very same span attributes and metric records
 * as ours, with nothing in between: no patch, no context, no attribution, no price book. The benchmark compares what both
 * produce and is void where they differ.
 */
const DURATION_BUCKETS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const TOKEN_BUCKETS = Array.from({ length: 14 }, (_, power) => 4 ** power);
const COST_BUCKETS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.5, 2.5, 5.5, 10.5, 20.5,
];
/** USD per token of gpt-4o-mini. */
const INPUT_PRICE = 0.15e-6;
const OUTPUT_PRICE = 0.6e-6;

export function createFloor(require) {
  const { metrics, SpanKind, trace, ValueType } = require('@opentelemetry/api');
  const tracer = trace.getTracer('floor');
  const meter = metrics.getMeter('floor');
  const histogram = (name, explicitBucketBoundaries, valueType = ValueType.DOUBLE) =>
    meter.createHistogram(name, { valueType, advice: { explicitBucketBoundaries } });
  const duration = histogram('gen_ai.client.operation.duration', DURATION_BUCKETS);
  const tokenUsage = histogram('gen_ai.client.token.usage', TOKEN_BUCKETS, ValueType.INT);
  const callCost = histogram('tokenmeter.call.cost.usd', COST_BUCKETS);
  const cost = meter.createCounter('tokenmeter.cost.usd');
  const calls = meter.createCounter('tokenmeter.calls', { valueType: ValueType.INT });
  const attempts = meter.createCounter('tokenmeter.attempts', { valueType: ValueType.INT });
  const tokens = meter.createCounter('tokenmeter.tokens', { valueType: ValueType.INT });

  return async (client, params) => {
    const begun = performance.now();
    const span = tracer.startSpan(`chat ${params.model}`, {
      kind: SpanKind.CLIENT,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': params.model,
        'gen_ai.request.temperature': params.temperature,
        'gen_ai.request.max_tokens': params.max_tokens,
        'server.address': 'api.openai.com',
        'server.port': 443,
        'openai.api.type': 'chat_completions',
        'tokenmeter.feature': 'bench',
        'tokenmeter.metered': true,
      },
    });
    const answer = await client.chat.completions.create(params);
    const { usage } = answer;
    const usd = usage.prompt_tokens * INPUT_PRICE + usage.completion_tokens * OUTPUT_PRICE;
    span.setAttributes({
      'gen_ai.response.id': answer.id,
      'gen_ai.response.model': answer.model,
      'gen_ai.response.finish_reasons': answer.choices.map((choice) => choice.finish_reason),
      'gen_ai.usage.input_tokens': usage.prompt_tokens,
      'gen_ai.usage.output_tokens': usage.completion_tokens,
      'gen_ai.usage.cache_read.input_tokens': usage.prompt_tokens_details.cached_tokens,
      'gen_ai.usage.reasoning.output_tokens': usage.completion_tokens_details.reasoning_tokens,
      'tokenmeter.usage.audioInput': usage.prompt_tokens_details.audio_tokens,
      'tokenmeter.usage.audioOutput': usage.completion_tokens_details.audio_tokens,
      'tokenmeter.usage.source': 'provider',
      'openai.response.service_tier': answer.service_tier,
      'openai.response.system_fingerprint': answer.system_fingerprint,
      'tokenmeter.attempts': 1,
      'tokenmeter.outcome': 'completed',
      'tokenmeter.cost.usd': usd,
      'tokenmeter.cost.status': 'priced',
      'tokenmeter.cost.source': 'list',
      'tokenmeter.price.id': 'openai/gpt-4o-mini',
      'tokenmeter.price.version': '2026-11-20',
    });
    span.end();

    const common = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': params.model,
      'gen_ai.response.model': answer.model,
      'tokenmeter.feature': 'bench',
    };
    const standard = { ...common, 'server.address': 'api.openai.com', 'server.port': 443 };
    duration.record((performance.now() - begun) / 1000, standard);
    tokenUsage.record(usage.prompt_tokens, { ...standard, 'gen_ai.token.type': 'input' });
    tokenUsage.record(usage.completion_tokens, { ...standard, 'gen_ai.token.type': 'output' });
    callCost.record(usd, common);
    attempts.add(1, common);
    const outcome = { ...common, 'tokenmeter.cost.status': 'priced', 'tokenmeter.outcome': 'completed' };
    calls.add(1, outcome);
    cost.add(usd, outcome);
    tokens.add(usage.prompt_tokens, { ...common, 'tokenmeter.token.type': 'input' });
    tokens.add(usage.completion_tokens, { ...common, 'tokenmeter.token.type': 'output' });
    return answer;
  };
}
