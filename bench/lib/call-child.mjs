/** One contender in a process of its own. Prints its CPU per call and what it produced, as JSON. */
import { createClient, PARAMS } from './chat.mjs';
import { CONTENDERS } from './contenders.mjs';
import { requireFrom } from './projects.mjs';
import { startTelemetry } from './telemetry.mjs';

const [project, name, warmUp, calls] = process.argv.slice(2);
const require = requireFrom(project);
const telemetry = startTelemetry(require);
const { loaded, call = plainCall, stop } = CONTENDERS[name].start(require, telemetry);
loaded?.(require('openai'));
const client = createClient(require);

const { user, system } = await telemetry.inRequest(async () => {
  await run(Number(warmUp));
  const before = process.cpuUsage();
  await run(Number(calls));
  return process.cpuUsage(before);
});

stop?.();
console.log(JSON.stringify({ microseconds: (user + system) / Number(calls), ...(await telemetry.read()) }));
process.exit();

function plainCall(client, params) {
  return client.chat.completions.create(params);
}

async function run(count) {
  for (let index = 0; index < count; index++) await call(client, PARAMS);
}
