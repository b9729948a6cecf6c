/** Both copies of the SDK in one process: a call of each. */
const Groq = require('groq-sdk');
const { ask } = require('./ask.cjs');

ask(Groq).then(() => import('./call.mjs'));
