/** `POST /decisions`: a probability for each question. The answer has no id. */
import { draw, tokensOf } from '../core/consumption.ts';
import { type Answer, type ApiRequest, Refusal } from '../core/exchange.ts';
import { distort } from '../core/faults.ts';
import { list, record } from '../core/json.ts';
import { responseUsage } from './usage.ts';

export function decisions({ body, plan, random, model }: ApiRequest): Answer {
  const questions = list(body.questions).map(record);
  if (questions.length === 0) throw new Refusal(400, { message: "Missing required parameter: 'questions'." });
  const demand = {
    input: tokensOf(body.input, questions),
    maxOutput: 6 * questions.length,
    cache: 'automatic' as const,
  };
  const consumed = draw(random, demand, plan.usage);
  const usage = distort(responseUsage(consumed), plan.fault);
  const answers = questions.map(({ name }) => ({ type: 'predicate', name: name ?? null, probability: random() }));
  return { consumed, usage, body: { model, answers, usage } };
}
