/** What the line puts into the provider's mouth: a text, a tool call, an error in mid-stream. */

interface Answer {
  usage?: unknown;
  choices?: { message: Record<string, unknown>; finish_reason: string }[];
  output?: Record<string, unknown>[];
  content?: Record<string, unknown>[];
  stop_reason?: string;
}

/** The provider's JSON body as the directives `content`, `tool` and `no-usage` want it. */
export function rewrite(
  body: string,
  directives: ReadonlyMap<string, string>,
  exchange: { readonly status: number; readonly body: unknown },
): string {
  const text = directives.get('content');
  const tool = directives.get('tool');
  if (exchange.status !== 200 || (text === undefined && tool === undefined && !directives.has('no-usage'))) return body;
  const answer = JSON.parse(body) as Answer;
  if (directives.has('no-usage')) delete answer.usage;
  if (text !== undefined) say(answer, text);
  if (tool !== undefined && !answered(exchange.body)) callTool(answer, tool);
  return JSON.stringify(answer);
}

function say(answer: Answer, text: string): void {
  for (const choice of answer.choices ?? []) choice.message.content = text;
  if (answer.output) {
    const content = [{ type: 'output_text', text, annotations: [] }];
    answer.output = [{ id: 'msg_line0001', type: 'message', role: 'assistant', status: 'completed', content }];
  }
  if (answer.content) answer.content = [{ type: 'text', text }];
}

function callTool(answer: Answer, tool: string): void {
  const name = tool.slice(0, tool.indexOf(':'));
  const input = tool.slice(name.length + 1);
  for (const choice of answer.choices ?? []) {
    const call = { id: 'call_line0001', type: 'function', function: { name, arguments: input } };
    choice.message = { role: 'assistant', content: null, refusal: null, tool_calls: [call] };
    choice.finish_reason = 'tool_calls';
  }
  if (answer.content) {
    answer.content = [{ type: 'tool_use', id: 'toolu_line0001', name, input: JSON.parse(input) }];
    answer.stop_reason = 'tool_use';
  }
}

/** Whether the request carries a tool's result already. */
function answered(request: unknown): boolean {
  return /"role":"tool"|"type":"tool_result"/.test(JSON.stringify(request));
}

/** The error event of the API that a path belongs to. */
export function errorEvent(path: string): string {
  if (path.startsWith('/v1/messages')) {
    const error = { type: 'overloaded_error', message: 'Overloaded' };
    return `event: error\ndata: ${JSON.stringify({ type: 'error', error })}\n\n`;
  }
  const error = { type: 'server_error', code: 'server_error', message: 'The server had an error', param: null };
  if (path.startsWith('/v1/responses')) {
    return `event: error\ndata: ${JSON.stringify({ ...error, type: 'error', sequence_number: 3 })}\n\n`;
  }
  return `data: ${JSON.stringify({ error })}\n\n`;
}
