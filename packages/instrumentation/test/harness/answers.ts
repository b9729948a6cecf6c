/** Puts a tool call into the provider's mouth. */

interface Answer {
  choices?: { message: Record<string, unknown>; finish_reason: string }[];
  content?: Record<string, unknown>[];
  stop_reason?: string;
}

/**
 * The provider's JSON body, turned into a call of `tool` (`name:JSON input`) unless the request carries a tool's result
 * already.
 */
export function callTool(body: string, tool: string, request: unknown): string {
  if (/"role":"tool"|"type":"tool_result"/.test(JSON.stringify(request))) return body;
  const name = tool.slice(0, tool.indexOf(':'));
  const input = tool.slice(name.length + 1);
  const answer = JSON.parse(body) as Answer;
  for (const choice of answer.choices ?? []) {
    const call = { id: 'call_line0001', type: 'function', function: { name, arguments: input } };
    choice.message = { role: 'assistant', content: null, refusal: null, tool_calls: [call] };
    choice.finish_reason = 'tool_calls';
  }
  if (answer.content) {
    answer.content = [{ type: 'tool_use', id: 'toolu_line0001', name, input: JSON.parse(input) }];
    answer.stop_reason = 'tool_use';
  }
  return JSON.stringify(answer);
}
