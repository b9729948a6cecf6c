/** What a generated content says and costs, before it is written as a body or a stream. */
import { type Consumption, draw, tokensOf } from '../core/consumption.ts';
import { type ApiRequest, Refusal } from '../core/exchange.ts';
import { isRecord, type Json, list, number, record, text } from '../core/json.ts';
import { reasons } from '../core/models.ts';
import { prose } from '../core/prose.ts';
import { sample } from '../core/sample.ts';

/** The one candidate, as text or as the call of a function. */
export interface Generation {
  readonly id: string;
  readonly text: string;
  readonly functionCall: { readonly name: string; readonly args: unknown } | undefined;
  /** The answer is a picture. */
  readonly image: boolean;
  readonly finishReason: 'STOP' | 'MAX_TOKENS' | 'SAFETY';
  readonly consumed: Consumption;
  readonly tier: string;
}

/** Decides the answer. Throws a Refusal for a request that Gemini would refuse. */
export function decideGeneration(request: ApiRequest): Generation {
  const { body, random, plan, model } = request;
  const { contents, systemInstruction, tools } = body;
  if (!Array.isArray(contents)) throw new Refusal(400, { message: '* GenerateContentRequest.contents: not specified' });
  const config = record(body.generationConfig);
  const thinks = reasons(model) && number(record(config.thinkingConfig).thinkingBudget) !== 0;
  const input = tokensOf(contents, systemInstruction, tools);
  const demand = { input, maxOutput: number(config.maxOutputTokens), reasons: thinks, cache: 'automatic' as const };
  const consumed = draw(random, demand, plan.usage);
  const functionCall = plan.text === undefined ? chosenFunction(request) : undefined;
  const visible = consumed.output - consumed.reasoning;
  return {
    id: request.id('', 22),
    text: functionCall ? '' : (plan.text ?? structured(config, random) ?? prose(random, visible)),
    functionCall,
    image: list(config.responseModalities).includes('IMAGE'),
    finishReason: plan.finish === 'length' ? 'MAX_TOKENS' : plan.finish === 'refusal' ? 'SAFETY' : 'STOP',
    consumed,
    tier: plan.serviceTier ?? text(body.serviceTier)?.toLowerCase() ?? 'standard',
  };
}

/** A function is called, except when the request forbids it or already carries a function's response. */
function chosenFunction({ body, random }: ApiRequest): Generation['functionCall'] {
  const mode = record(record(body.toolConfig).functionCallingConfig).mode;
  const last = list(record(list(body.contents).at(-1)).parts);
  if (mode === 'NONE' || last.some((part) => record(part).functionResponse !== undefined)) return undefined;
  const [tool] = list(body.tools).flatMap((one) => list(record(one).functionDeclarations));
  if (!isRecord(tool)) return undefined;
  return { name: text(tool.name) ?? '', args: sample(tool.parametersJsonSchema ?? tool.parameters ?? {}, random) };
}

function structured(config: Json, random: ApiRequest['random']): string | undefined {
  const schema = config.responseJsonSchema ?? config.responseSchema;
  if (schema !== undefined) return JSON.stringify(sample(schema, random));
  return config.responseMimeType === 'application/json' ? '{"answer":"sample"}' : undefined;
}
