/** What a message says and costs, before it is written as a body or a stream. */
import { type Consumption, type Demand, draw, tokensOf } from '../core/consumption.ts';
import { type ApiRequest, Refusal } from '../core/exchange.ts';
import { type Json, list, number, record, text } from '../core/json.ts';
import { prose } from '../core/prose.ts';
import { sample } from '../core/sample.ts';

/** Blocks of a message, in the order of the answer. */
export type Block =
  | { readonly type: 'thinking'; readonly thinking: string; readonly signature: string }
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'tool_use' | 'server_tool_use';
      readonly id: string;
      readonly name: string;
      readonly input: unknown;
    };

/** How often the server's own tools were used, as the usage states it. */
export interface ServerTools {
  readonly web_search_requests: number;
  readonly web_fetch_requests: number;
}

/** A message. */
export interface Message {
  readonly id: string;
  readonly blocks: readonly Block[];
  readonly stopReason: 'end_turn' | 'max_tokens' | 'tool_use' | 'refusal';
  readonly consumed: Consumption;
  readonly serverTools: ServerTools | null;
  readonly tier: string;
}

/** Decides the answer. Throws a Refusal for a request that Anthropic would refuse. */
export function decideMessage(request: ApiRequest): Message {
  const { body, random, plan, model } = request;
  const maxOutput = number(body.max_tokens);
  if (model === '') throw new Refusal(400, { message: 'model: Field required' });
  if (maxOutput === undefined) throw new Refusal(400, { message: 'max_tokens: Field required' });
  if (!Array.isArray(body.messages)) throw new Refusal(400, { message: 'messages: Field required' });
  const thinks = ['enabled', 'adaptive'].includes(text(record(body.thinking).type) ?? '');
  const input = tokensOf(body.system, body.messages, body.tools);
  const consumed = draw(random, { input, maxOutput, reasons: thinks, cache: cacheOf(body) }, plan.usage);
  const used = serverToolUses(request);
  const { blocks, stopReason } = content(request, consumed, thinks);
  return {
    id: request.id('msg_01', 22),
    blocks: [...used, ...blocks],
    stopReason,
    consumed,
    serverTools: countOf(used),
    tier: plan.serviceTier ?? 'standard',
  };
}

/** The server uses each tool of its own that it is given, some of them twice. */
function serverToolUses({ body, random, id }: ApiRequest): readonly Block[] {
  const names = list(body.tools).map((tool) => /^(web_search|web_fetch)_\d/.exec(text(record(tool).type) ?? '')?.[1]);
  return names.flatMap((name) =>
    name === undefined
      ? []
      : Array.from({ length: random() < 0.5 ? 1 : 2 }, () => ({
          type: 'server_tool_use' as const,
          id: id('srvtoolu_01', 22),
          name,
          input: {},
        })),
  );
}

function countOf(used: readonly Block[]): ServerTools | null {
  if (used.length === 0) return null;
  const count = (wanted: string): number => used.filter((block) => 'name' in block && block.name === wanted).length;
  return { web_search_requests: count('web_search'), web_fetch_requests: count('web_fetch') };
}

/** The longest life that a `cache_control` anywhere in the request asks for. */
function cacheOf(body: Json): Demand['cache'] {
  const lives = cacheControls([body.cache_control, body.system, body.messages, body.tools]);
  if (lives.length === 0) return 'none';
  return lives.includes('1h') ? '1h' : '5m';
}

function cacheControls(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(cacheControls);
  const fields = record(value);
  const own = fields.type === 'ephemeral' ? [text(fields.ttl) ?? '5m'] : [];
  return [...own, ...cacheControls(list(Object.values(fields)).filter((field) => typeof field === 'object'))];
}

type Content = Pick<Message, 'blocks' | 'stopReason'>;

function content({ body, random, plan, id }: ApiRequest, consumed: Consumption, thinks: boolean): Content {
  if (plan.finish === 'refusal') return { blocks: [], stopReason: 'refusal' };
  const thinking: Block = {
    type: 'thinking',
    thinking: prose(random, Math.ceil(consumed.reasoning / 4)),
    signature: id('Er', 46),
  };
  const before = thinks ? [thinking] : [];
  const tool = plan.text === undefined ? chosenTool(body) : undefined;
  if (tool) {
    const input = sample(tool.input_schema, random);
    const call: Block = { type: 'tool_use', id: id('toolu_01', 22), name: text(tool.name) ?? '', input };
    return { blocks: [...before, call], stopReason: 'tool_use' };
  }
  const answer = plan.text ?? structured(body, random) ?? prose(random, consumed.output - consumed.reasoning);
  const stopReason = plan.finish === 'length' ? 'max_tokens' : 'end_turn';
  return { blocks: [...before, { type: 'text', text: answer }], stopReason };
}

/** A custom tool is called, except when the request forbids it or already carries a tool's result. */
function chosenTool(body: Json): Json | undefined {
  const choice = record(body.tool_choice);
  const last = list(record(list(body.messages).at(-1)).content).map(record);
  if (choice.type === 'none' || last.some((block) => block.type === 'tool_result')) return undefined;
  const tools = list(body.tools).map(record);
  return tools.find((tool) => tool.input_schema !== undefined && (choice.name ?? tool.name) === tool.name);
}

/** JSON for `output_config.format` (or the older `output_format`), if the request wants it. */
function structured(body: Json, random: ApiRequest['random']): string | undefined {
  const format = record(record(body.output_config).format ?? body.output_format);
  return format.type === 'json_schema' ? JSON.stringify(sample(format.schema, random)) : undefined;
}
