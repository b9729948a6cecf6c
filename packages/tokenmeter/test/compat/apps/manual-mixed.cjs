const Groq = require('groq-sdk');
require('tokenmeter/register');
const { instrument } = require('tokenmeter');
const { ask } = require('./ask.cjs');

instrument(Groq);
ask(Groq).then(() => import('./manual.mjs'));
