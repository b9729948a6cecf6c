/** The same app as ES modules: `import` of the SDK. Usage: app.mjs openai|joined|sdk-node */
import telemetry from './telemetry.cjs';

telemetry[process.argv[2]]();
const { OpenAI } = await import('openai');
const { call } = await import('./call.cjs');
call(OpenAI);
