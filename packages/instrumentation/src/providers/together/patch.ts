/** together-ai 0.5x: OpenAI's API at Together. Its streams carry their usage unasked. */
import { PROVIDER } from '@tokenmeter/semconv';
import type { SdkDefinition } from '../../patching/sdk.ts';
import { endpointOf } from '../endpoint.ts';
import { chat, completions, embeddings } from '../openai-wire/methods.ts';

export const together: SdkDefinition = {
  name: 'together-ai',
  className: 'Together',
  tested: { from: '0.52.0', to: '0.52.0' },
  targets: [
    { path: ['Chat', 'Completions'], method: 'create', call: chat },
    { path: ['Completions'], method: 'create', call: completions },
    { path: ['Embeddings'], method: 'create', call: embeddings },
  ],
  endpoint: (client) => endpointOf(client, PROVIDER.together),
};
