/** Runs contenders in child processes of their own, interleaved, so that drift of the machine hits all alike. */
import { execFile, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { progress } from './print.mjs';

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
  await atOnce(lists.entries(), async ([index, args]) => {
    const { stdout } = await promisify(execFile)(process.execPath, [...nodeArgs, script, ...args.map(String)], {
      env: cleanEnvironment(),
    });
    results[index] = JSON.parse(stdout.trim().split('\n').at(-1));
    progress(`${index + 1} of ${lists.length}`);
  });
  progress('');
  return results;
}

/** As many at once as there are cores. */
async function atOnce(entries, work) {
  const worker = async () => {
    for (const entry of entries) await work(entry);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
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

/**
 * Contenders that live side by side and take turns of a few milliseconds: a machine that is slower now and faster then is
 * so for all of them alike. Each child tells that it is warm, answers `turn` with its CPU per call in microseconds, and
 * `end` with what it produced. Returns per contender `{ turns, end }`.
 */
export async function takeTurns(contenders, turns, { script, argsOf, nodeArgs = [] }) {
  const children = [];
  try {
    await atOnce(contenders.entries(), async ([index, contender]) => {
      progress(`warming up ${index + 1} of ${contenders.length}`);
      const child = fork(script, argsOf(contender).map(String), { execArgv: nodeArgs, env: cleanEnvironment() });
      children[index] = { contender, child, turns: [] };
      await told(child);
    });
    for (let turn = 0; turn < turns; turn++) {
      progress(`turn ${turn + 1} of ${turns}`);
      for (const { child, turns: taken } of children) taken.push(await ask(child, 'turn'));
    }
    const results = new Map();
    for (const { contender, child, turns: taken } of children) {
      results.set(contender, { turns: taken, end: await ask(child, 'end') });
    }
    return results;
  } finally {
    progress('');
    for (const one of children) one?.child.kill();
  }
}

function ask(child, what) {
  child.send(what);
  return told(child);
}

async function told(child) {
  const answered = new AbortController();
  const { signal } = answered;
  const died = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`A contender ended with ${code}: ${child.spawnargs.slice(1).join(' ')}`);
  });
  try {
    const [message] = await Promise.race([once(child, 'message', { signal }), died]);
    return message;
  } finally {
    died.catch(() => {});
    answered.abort();
  }
}

/** The other side of `takeTurns`: `turn` works and `end` tells what came of it. Never returns. */
export async function serveTurns({ turn, end }) {
  const tasks = { turn, end };
  process.on('message', async (what) => process.send(await tasks[what]()));
  process.send('warm');
}

/** The caller's environment must not configure what is measured. */
function cleanEnvironment() {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^(OTEL_|TOKENMETER_|OPENAI_|ANTHROPIC_|GOOGLE_|GEMINI_|LANGSMITH_|LANGCHAIN_|AI_|NODE_OPTIONS$)/.test(name),
    ),
  );
}
