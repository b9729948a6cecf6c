/** One contender in a process of its own. A turn gives its CPU per call, the end what it produced. */
import { serveTurns } from './children.mjs';
import { CONTENDERS } from './contenders.mjs';
import { requireFrom } from './projects.mjs';
import { subjectOf } from './subjects/index.mjs';
import { startTelemetry } from './telemetry.mjs';

const [project, name, warmUp, callsPerTurn] = process.argv.slice(2);
const require = requireFrom(project);
const telemetry = startTelemetry(require);
const subject = subjectOf(project);
const { around, native = false, stop } = CONTENDERS[name].start(require, telemetry, subject);
const plain = subject.open(require, { native });
const call = around ? around(plain) : plain;

/** What the process had spent when the last turn ended. */
let before = 0;
await run(Number(warmUp));
serveTurns({
  turn: () => run(Number(callsPerTurn)),
  end() {
    stop?.();
    return telemetry.read();
  },
});

/** Microseconds of CPU per call. What the process did since the turn before counts: garbage is collected there, too. */
function run(count) {
  return telemetry.inRequest(async () => {
    for (let index = 0; index < count; index++) await call();
    const now = process.cpuUsage();
    const spent = now.user + now.system - before;
    before = now.user + now.system;
    return spent / count;
  });
}
