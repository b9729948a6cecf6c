/**
 * The app of `tokenmeter demo`: a shop with five features that call LLMs. It is plain SDK code; all that Tokenmeter needs
 * of it is the name of the feature. Its provider is a fake one on this machine (OPENAI_BASE_URL, ANTHROPIC_BASE_URL).
 *
 * Usage: node --import tokenmeter/register app.mjs <number of calls>
 */
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { withAttribution, withFeature } from 'tokenmeter';

const openai = new OpenAI({ maxRetries: 2 });
const anthropic = new Anthropic({ maxRetries: 0 });

const MANUAL = 'Unplug the kettle before you fill it. Never run it dry. '.repeat(120);

/** A feature's calls: each function makes exactly one. */
const FEATURES = [
  {
    share: 4,
    run: (n) =>
      withAttribution({ feature: 'agent-copilot', tenant: n % 2 ? 'acme' : 'globex' }, async () => {
        const stream = await anthropic.messages.create({
          model: 'claude-sonnet-4-6',
          max_tokens: 400,
          stream: true,
          system: [{ type: 'text', text: MANUAL, cache_control: { type: 'ephemeral' } }],
          messages: [{ role: 'user', content: `Plan step ${n} of the repair.` }],
        });
        for await (const _ of stream);
      }),
  },
  {
    share: 3,
    run: (n) =>
      withFeature('rag-search', async () => {
        const stream = await openai.chat.completions.create({
          model: 'gpt-4o',
          stream: true,
          messages: [{ role: 'user', content: `${MANUAL}\nQuestion ${n}: how much water may go in?` }],
        });
        for await (const _ of stream);
      }),
  },
  {
    share: 1,
    run: (n) =>
      withFeature('rag-search', () =>
        openai.embeddings.create({ model: 'text-embedding-3-small', input: `${MANUAL} chunk ${n}` }),
      ),
  },
  {
    share: 3,
    run: (n) =>
      withFeature('summarizer', () =>
        openai.responses.create({ model: 'gpt-4o-mini', input: `Summarize review ${n}: ${MANUAL.slice(0, 900)}` }),
      ),
  },
  {
    share: 2,
    run: (n) =>
      withFeature('support-triage', () =>
        anthropic.messages.create({
          model: 'claude-haiku-4-5',
          max_tokens: 60,
          messages: [{ role: 'user', content: `Which team answers mail ${n}: "my kettle leaks"?` }],
        }),
      ),
  },
  {
    share: 2,
    run: (n) =>
      withFeature('translate', () =>
        openai.chat.completions.create({
          model: 'gpt-4.1-mini',
          messages: [{ role: 'user', content: `Translate label ${n} to French: keep away from children.` }],
        }),
      ),
  },
  // Nobody has said which feature this is for: Tokenmeter says where to look.
  {
    share: 1,
    run: (n) =>
      openai.chat.completions.create({
        model: 'gpt-4o-mini',
        messages: [{ role: 'user', content: `Is review ${n} spam?` }],
      }),
  },
];

const SCHEDULE = FEATURES.flatMap(({ share, run }) => Array.from({ length: share }, () => run));

const calls = Number(process.argv[2] ?? 60);
for (let from = 0; from < calls; from += SCHEDULE.length) {
  const batch = SCHEDULE.slice(0, calls - from).map((run, at) => run(from + at));
  // Errors are part of the day: the fake provider refuses some calls and breaks on others.
  await Promise.allSettled(batch);
}
