/** groq-sdk 0.37 to 1.x: OpenAI's API at Groq. Its streams carry their usage unasked, in `x_groq`. */
import { PROVIDER } from '@tokenmeter/semconv';
import type { SdkDefinition } from '../../patching/sdk.ts';
import { endpointOf } from '../endpoint.ts';
import { chat, embeddings } from '../openai-wire/methods.ts';

export const groq: SdkDefinition = {
  name: 'groq-sdk',
  className: 'Groq',
  tested: { from: '0.37.0', to: '1.6.0' },
  targets: [
    { path: ['Chat', 'Completions'], method: 'create', call: chat },
    { path: ['Embeddings'], method: 'create', call: embeddings },
  ],
  endpoint: (client) => endpointOf(client, PROVIDER.groq),
};
