/** Runs every scenario of one SDK version in a child process of its own and brings back all that could be seen of it. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Served, startFakeProvider } from '@tokenmeter/fake-provider';
import { normaliser } from './normal.ts';
import { appOf, type ModuleSystem, type Project } from './projects.ts';
import { type Exchange, startRecorder } from './recorder.ts';

/** `[label, value]`, in the order in which things happened. */
export type Line = readonly [label: string, value: unknown];

export interface ScenarioRun {
  readonly lines: readonly Line[];
  /** What the provider's side saw. */
  readonly exchanges: readonly Exchange[];
  /** What the provider itself counted, over its complete answers. */
  readonly tokens: Tokens;
}

export interface Tokens {
  readonly input: number;
  readonly output: number;
}

export interface Run {
  readonly scenarios: Readonly<Record<string, ScenarioRun>>;
  /** Scenarios whose methods the SDK does not have. */
  readonly skipped: readonly string[];
  /** What happened after the last scenario. */
  readonly stray: readonly Line[];
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

export interface RunOptions {
  /** Node's own arguments: the preload, or none. */
  readonly nodeArgs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Only these scenarios. */
  readonly only?: readonly string[];
  /** An error that nobody handles ends the process, and with it the transcript. */
  readonly unguarded?: boolean;
  /** Milliseconds after which a child that is still there is killed, which shows as `signal`. */
  readonly deadline?: number;
  /** Called with the child's working directory after its end, before the directory is removed. */
  readonly inspect?: (directory: string) => void | Promise<void>;
}

const DEADLINE = 45_000;

export async function runScenarios(project: Project, system: ModuleSystem, options: RunOptions = {}): Promise<Run> {
  const provider = await startFakeProvider({ keepRequests: 10_000 });
  const recorder = await startRecorder(provider.url);
  const directory = await mkdtemp(join(tmpdir(), 'scenarios-'));
  try {
    const { family } = project;
    // Google's SDKs put the version into the path themselves.
    const own = family === 'google-genai' || family === 'google-generative-ai';
    const path = own ? '' : provider.baseUrl(family).slice(provider.url.length);
    const args = [...(options.nodeArgs ?? []), appOf(project, system)];
    const child = await execute(args, directory, options.deadline ?? DEADLINE, {
      SCENARIO_BASE_URL: recorder.url + path,
      SCENARIO_SEEN_URL: `${recorder.url}/-/seen`,
      SCENARIO_STRICT_URL: recorder.strictUrl + path,
      ...(options.only ? { SCENARIO_ONLY: options.only.join('|') } : {}),
      ...(options.unguarded ? { SCENARIO_UNGUARDED: '1' } : {}),
      ...options.env,
    });
    const printed = options.unguarded ? NOTHING : parseDocument(child.stdout, child.stderr);
    await options.inspect?.(directory);
    await recorder.settled();
    const exchanges = recorder.exchanges();
    const tokens = tokensByScenario(provider.served());
    return {
      scenarios: Object.fromEntries(
        Object.entries(printed.scenarios).map(([name, lines]) => [
          name,
          {
            ...normaliser()({ lines, exchanges: exchanges[name] ?? [] }),
            tokens: tokens[name] ?? { input: 0, output: 0 },
          },
        ]),
      ),
      skipped: printed.skipped,
      stray: normaliser()(printed.stray),
      exitCode: child.exitCode,
      signal: child.signal,
      stderr: normaliser()(child.stderr),
    };
  } finally {
    await recorder.close();
    await provider.close();
    await rm(directory, { recursive: true, force: true });
  }
}

function tokensByScenario(served: Served): Record<string, Tokens> {
  const sums: Record<string, Tokens> = {};
  for (const { headers, outcome, consumed, free } of served.entries) {
    if (outcome !== 'completed' || free || !consumed) continue;
    const name = decodeURIComponent(String(headers?.['x-scenario']));
    const sum = sums[name] ?? { input: 0, output: 0 };
    sums[name] = { input: sum.input + consumed.input, output: sum.output + consumed.output };
  }
  return sums;
}

interface Printed {
  readonly scenarios: Readonly<Record<string, readonly Line[]>>;
  readonly skipped: readonly string[];
  readonly stray: readonly Line[];
}

const NOTHING: Printed = { scenarios: {}, skipped: [], stray: [] };

function parseDocument(stdout: string, stderr: string): Printed {
  try {
    return JSON.parse(stdout) as Printed;
  } catch (cause) {
    throw new Error(`The child printed no transcript.\nstdout: ${stdout.slice(0, 500)}\nstderr: ${stderr}`, { cause });
  }
}

interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

function execute(
  args: readonly string[],
  cwd: string,
  deadline: number,
  env: Readonly<Record<string, string>>,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, env: { ...cleanEnvironment(), ...env } });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), deadline);
    child.on('error', reject);
    child.on('close', (exitCode, signal) => {
      clearTimeout(timer);
      resolve({ stdout, stderr, exitCode, signal });
    });
  });
}

/** Only what a process needs: no key, proxy, `NODE_OPTIONS`, `OTEL_*` or test runner's variable of the machine. */
function cleanEnvironment(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'SystemRoot', 'TEMP'];
  return Object.fromEntries(kept.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}
