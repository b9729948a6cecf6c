/**
 * The floor: what an app would write by hand around its own call to get the very same span attributes and metric records
 * as ours, with nothing in between: no patch, no context, no attribution, no price book. The benchmark compares what both
 * produce and is void where they differ.
 *
 * What is said of a call is the subject's (`subjects/*.mjs`); what is done with it is the same for all.
 */
const DURATION_BUCKETS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const TOKEN_BUCKETS = Array.from({ length: 14 }, (_, power) => 4 ** power);
const COST_BUCKETS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.5, 2.5, 5.5, 10.5, 20.5,
];

/**
 * Gives the function that puts the floor around a call.
 *
 * @param subject.request attributes that are known before the call
 * @param subject.answered what the answer says: `{ model, input, output, attributes }`
 * @param subject.prices USD per token of input and output
 * @param subject.attempts whether the SDK lets HTTP attempts be seen
 */
export function createFloor(require, { floor }) {
  const { request, answered, prices, attempts: seesAttempts = true } = floor;
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

  const operation = request['gen_ai.operation.name'];
  const provider = request['gen_ai.provider.name'];
  const requestModel = request['gen_ai.request.model'];
  const address = request['server.address'];
  const port = request['server.port'];
  const name = `${operation} ${requestModel}`;

  return (call) => async () => {
    const begun = performance.now();
    const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes: request });
    const answer = await call();
    const { model, input, output, attributes } = answered(answer);
    const usd = input * prices.input + output * prices.output;
    span.setAttributes(attributes);
    span.setAttributes({
      'gen_ai.response.model': model,
      'gen_ai.usage.input_tokens': input,
      'gen_ai.usage.output_tokens': output,
      'tokenmeter.usage.source': 'provider',
      'tokenmeter.outcome': 'completed',
      'tokenmeter.cost.usd': usd,
      'tokenmeter.cost.status': 'priced',
      'tokenmeter.cost.source': 'list',
      'tokenmeter.price.id': 'a/row',
      'tokenmeter.price.version': '2026-11-20',
    });
    if (seesAttempts) span.setAttribute('tokenmeter.attempts', 1);
    span.end();

    const common = {
      'gen_ai.operation.name': operation,
      'gen_ai.provider.name': provider,
      'gen_ai.request.model': requestModel,
      'gen_ai.response.model': model,
      'tokenmeter.feature': 'bench',
    };
    const standard = { ...common, 'server.address': address, 'server.port': port };
    duration.record((performance.now() - begun) / 1000, standard);
    tokenUsage.record(input, { ...standard, 'gen_ai.token.type': 'input' });
    tokenUsage.record(output, { ...standard, 'gen_ai.token.type': 'output' });
    callCost.record(usd, common);
    if (seesAttempts) attempts.add(1, common);
    const outcome = { ...common, 'tokenmeter.cost.status': 'priced', 'tokenmeter.outcome': 'completed' };
    calls.add(1, outcome);
    cost.add(usd, outcome);
    tokens.add(input, { ...common, 'tokenmeter.token.type': 'input' });
    tokens.add(output, { ...common, 'tokenmeter.token.type': 'output' });
    return answer;
  };
}
