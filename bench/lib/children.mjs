/** Runs contenders in child processes of their own, interleaved, so that drift of the machine hits all alike. */
import { execFile, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';

/** Runs a script to its end and returns the JSON that it printed. Throws with what it said if it failed. */
export function runChild(script, args = [], { nodeArgs = [], env = {}, cwd } = {}) {
  const done = spawnSync(process.execPath, [...nodeArgs, script, ...args], {
    ...{ cwd, encoding: 'utf8', maxBuffer: 1e8 },
    env: { ...cleanEnvironment(), ...env },
  });
  const ended = done.status === 0 || done.signal === 'SIGKILL';
  if (!ended) throw new Error(`${[script, ...args].join(' ')} failed:\n${done.stderr}`);
  return JSON.parse(done.stdout.trim().split('\n').at(-1));
}

/** Runs a script once per list of arguments, several at once; the results in the order of the lists. Not for timings. */
export async function runAtOnce(script, lists, { nodeArgs = [] } = {}) {
  const results = [];
  const waiting = lists.entries();
  const work = async () => {
    for (const [index, args] of waiting) {
      const { stdout } = await promisify(execFile)(process.execPath, [...nodeArgs, script, ...args.map(String)], {
        env: cleanEnvironment(),
      });
      results[index] = JSON.parse(stdout.trim().split('\n').at(-1));
      progress(`${index + 1} of ${lists.length}`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  progress('');
  return results;
}

/** Rounds A B C … A B C …; per contender the list of its results. */
export function interleave(contenders, rounds, run) {
  const results = new Map(contenders.map((contender) => [contender, []]));
  for (let round = 0; round < rounds; round++) {
    progress(`round ${round + 1} of ${rounds}`);
    for (const contender of contenders) results.get(contender).push(run(contender));
  }
  progress('');
  return results;
}

function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

/** The caller's environment must not configure what is measured. */
function cleanEnvironment() {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(OTEL_|TOKENMETER_|OPENAI_|NODE_OPTIONS$)/.test(name)),
  );
}
