/**
 * Speaks the protocol of Claude Code to the Claude Agent SDK, as the program that `pathToClaudeCodeExecutable` names. Each
 * prompt is a turn of two models; totals add up over the turns, and start with `turns` if the prompt is `turns=N`.
 */
import { createInterface } from 'node:readline';

const say = (message) => process.stdout.write(`${JSON.stringify({ session_id: 's', uuid: 'u', ...message })}\n`);

const usageOf = (turns) => ({
  'claude-sonnet-4-5': {
    inputTokens: 10 * turns,
    outputTokens: 20 * turns,
    cacheReadInputTokens: 100 * turns,
    cacheCreationInputTokens: 5 * turns,
    webSearchRequests: 0,
    costUSD: 0.5 * turns,
    costBasis: 'list',
    provider: 'firstParty',
  },
  'claude-haiku-4-5': { inputTokens: turns, outputTokens: 2 * turns, costUSD: 0.25 * turns, provider: 'bedrock' },
});

let turns = 0;
for await (const line of createInterface({ input: process.stdin })) {
  const { type, request_id, message } = JSON.parse(line);
  if (type === 'control_request') {
    const response = { commands: [], models: [], account: {} };
    say({ type: 'control_response', response: { subtype: 'success', request_id, response } });
  }
  if (type !== 'user') continue;
  const [, earlier = 0] = /turns=(\d+)/.exec(JSON.stringify(message)) ?? [];
  turns += 1 + Number(earlier);
  say({ type: 'system', subtype: 'init' });
  for (const text of ['Let me see.', 'Done.']) {
    const usage = { input_tokens: 10, cache_read_input_tokens: 100, cache_creation_input_tokens: 5, output_tokens: 1 };
    const content = [{ type: 'text', text }];
    const body = { id: `msg_${turns}`, role: 'assistant', model: 'claude-sonnet-4-5', content, usage };
    say({ type: 'assistant', parent_tool_use_id: null, message: body });
  }
  say({
    type: 'result',
    subtype: 'success',
    is_error: false,
    result: 'Done.',
    num_turns: 1,
    modelUsage: usageOf(turns),
  });
}
