/** An app that nothing was preloaded into, and that has its SDK before us. */
const Groq = require('groq-sdk');
require('tokenmeter/register');
const { instrument } = require('tokenmeter');
const { ask } = require('./ask.cjs');

instrument(Groq);
ask(Groq);
