const Groq = require('groq-sdk');
const { ask } = require('./ask.cjs');

ask(Groq);
