/** One contender in a process of its own. A turn gives its CPU per call, the end what it produced. */
import { createClient, PARAMS } from './chat.mjs';
import { serveTurns } from './children.mjs';
import { CONTENDERS } from './contenders.mjs';
import { requireFrom } from './projects.mjs';
import { startTelemetry } from './telemetry.mjs';

const [project, name, warmUp, callsPerTurn] = process.argv.slice(2);
const require = requireFrom(project);
const telemetry = startTelemetry(require);
const { loaded, call = plainCall, stop } = CONTENDERS[name].start(require, telemetry);
loaded?.(require('openai'));
const client = createClient(require);

await run(Number(warmUp));
serveTurns({
  turn: () => run(Number(callsPerTurn)),
  end() {
    stop?.();
    return telemetry.read();
  },
});

function plainCall(client, params) {
  return client.chat.completions.create(params);
}

/** Microseconds of CPU per call. */
function run(count) {
  return telemetry.inRequest(async () => {
    const before = process.cpuUsage();
    for (let index = 0; index < count; index++) await call(client, PARAMS);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / count;
  });
}
