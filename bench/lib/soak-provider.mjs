/**
 * The fake provider of the soak, in a process of its own: its heap is not measured, and its count is nobody else's. Told
 * `take`, it waits until no request is open, sends one row per attempt since the last time, and forgets them.
 */
import { requireOurs } from './projects.mjs';

const BATCH = Number(process.argv[2]);

const { startFakeProvider } = requireOurs('@tokenmeter/fake-provider');
const provider = await startFakeProvider({ keepEntries: 4 * BATCH, keepRequests: 4 * BATCH });

process.on('message', async () => {
  await provider.idle();
  const { entries } = provider.served();
  provider.reset();
  process.send(entries.map(rowOf));
});
process.on('disconnect', () => process.exit());
process.send({
  openai: provider.openaiBaseUrl,
  anthropic: provider.anthropicBaseUrl,
  gemini: provider.geminiBaseUrl,
});

function rowOf({ headers, provider, attempt, outcome, requestModel, responseId, usage }) {
  return { id: headers['x-soak-id'], provider, attempt, outcome, model: requestModel, responseId, usage };
}
