/** An app in CommonJS that makes one call, and prints when it was answered. Usage: app.cjs openai|joined|sdk-node */
const telemetry = require('./telemetry.cjs');

telemetry[process.argv[2]](require);
const { OpenAI } = require('openai');
require('./call.cjs').call(OpenAI);
