const Groq = require('groq-sdk') as { readonly prototype: object };
const { ask } = require('./ask.cjs') as { ask(client: typeof Groq): Promise<void> };

void ask(Groq);
