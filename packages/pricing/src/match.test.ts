import { describe, expect, test } from 'vitest';
import { bundledBook } from './book/bundled.ts';
import { matchModel } from './match.ts';
import { type Seller, sellerOfName } from './sellers.ts';

function find(provider: string, model: string): string | undefined {
  const match = matchModel(bundledBook(), sellerOfName(provider) as Seller, model);
  return match && `${match.row.id} ${match.how}`;
}

describe('forms of an id', () => {
  test.each([
    ['openai', 'gpt-4o', 'openai/gpt-4o exact'],
    ['openai', ' GPT-4o ', 'openai/gpt-4o exact'],
    ['openai', 'openai/gpt-4o', 'openai/gpt-4o exact'],
    ['openai', 'gpt-4o-2024-08-06', 'openai/gpt-4o snapshot'],
    ['openai', 'gpt-4o-mini', 'openai/gpt-4o-mini exact'],
    ['openai', 'gpt-5-4', 'openai/gpt-5.4 alias'],
    ['openai', 'ft:gpt-4o-2024-08-06:org:name:id', 'openai/ft:gpt-4o snapshot'],
    ['openai', 'ft:gpt-4.1-mini-2025-04-14:org::id', 'openai/ft:gpt-4.1-mini snapshot'],
    ['azure', 'gpt-4.1-2025-04-14', 'azure/gpt-4.1 snapshot'],
    ['azure', 'gpt-3.5-turbo-instruct', 'openai/gpt-3.5-turbo-instruct exact'],
    ['anthropic', 'claude-sonnet-4-5-20250929', 'anthropic/claude-sonnet-4-5 snapshot'],
    ['google-vertex', 'claude-sonnet-4-5@20250929', 'vertex/claude-sonnet-4-5 snapshot'],
    ['google-vertex', 'publishers/google/models/gemini-2.5-flash', 'google/gemini-2.5-flash exact'],
    ['gemini', 'models/gemini-2.5-pro', 'google/gemini-2.5-pro exact'],
    ['bedrock', 'eu.anthropic.claude-sonnet-4-20250514-v1:0', 'bedrock/anthropic.claude-sonnet-4-20250514-v1:0'],
    ['bedrock', 'global.anthropic.claude-opus-5', 'bedrock/global.anthropic.claude-opus-5'],
    [
      'bedrock',
      'arn:aws:bedrock:us-west-2:123456789012:inference-profile/us.anthropic.claude-3-7-sonnet-20250219-v1:0',
      'bedrock/anthropic.claude-3-7-sonnet-20250219-v1:0',
    ],
    ['openrouter', 'openrouter/google/gemini-2.0-flash-001', 'openrouter/google/gemini-2.0-flash-001 exact'],
    ['xai', 'x-ai/grok-4.3-20260430', 'xai/grok-4.3'],
  ])('%s %s', (provider, model, found) => {
    expect(find(provider, model)).toMatch(new RegExp(`^${found.replace(/[.*+?^$()[\]{}|\\/]/g, '\\$&')}`));
  });
});

describe('nothing is guessed', () => {
  test.each([
    ['openai', 'gpt-4o-mega'],
    ['openai', 'gpt-4o-2024-13-45'],
    ['openai', 'gpt-4'.repeat(200)],
    ['openai', 'my-gpt-4o'],
    // Its row allows no snapshots.
    ['openai', 'text-embedding-3-small-2026-01-01'],
    ['openai', ''],
    ['anthropic', 'claude-sonnet-5-9'],
    ['anthropic', 'claude-3-5-haiku-123'],
    ['bedrock', 'global.anthropic.claude-3-haiku-20240307-v1:0'],
    ['deepseek', 'deepseek-r1-distill-llama-70b'],
    ['nebius', 'llama-3.3-70b-versatile'],
  ])('%s %s has no row', (provider, model) => {
    expect(find(provider, model)).toBeUndefined();
  });
});
