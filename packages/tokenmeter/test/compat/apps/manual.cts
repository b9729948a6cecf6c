const Groq = require('groq-sdk') as { readonly prototype: object };
require('tokenmeter/register');
const { instrument } = require('tokenmeter') as { instrument(client: unknown): void };
const { ask } = require('./ask.cjs') as { ask(client: typeof Groq): Promise<void> };

instrument(Groq);
void ask(Groq);
