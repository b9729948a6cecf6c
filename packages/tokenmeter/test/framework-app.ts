/** Apps of frameworks in whole processes, under register: the same lines run as CommonJS and as an ES module. */
import { fileURLToPath } from 'node:url';
import { type FakeProvider, startFakeProvider } from '@tokenmeter/fake-provider';
import { expect } from 'vitest';
import { AppFolder, type Attributes, runNode } from './harness.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export type System = 'cjs' | 'esm';
export const SYSTEMS: readonly System[] = ['cjs', 'esm'];

export interface FrameworkApp {
  readonly provider: FakeProvider;
  /** Runs lines in which `load(name)` gives a module; the spans of its calls as the ledger has them. */
  run(project: string, system: System, lines: string, env?: Readonly<Record<string, string>>): Promise<Attributes[]>;
  close(): Promise<void>;
}

export async function openFrameworkApp(): Promise<FrameworkApp> {
  const provider = await startFakeProvider();
  return {
    provider,
    async run(project, system, lines, env = {}) {
      const file = `app.${system === 'cjs' ? 'cjs' : 'mjs'}`;
      const load = system === 'cjs' ? 'async (name) => require(name)' : '(name) => import(name)';
      const script = `const load = ${load};\n(async () => {\n${lines}\n})();`;
      const app = new AppFolder({ [file]: script }, here(`../../instrumentation/sdks/${project}/node_modules`));
      provider.reset();
      try {
        const ended = await runNode(app, ['--require', here('../dist/register.cjs'), file], env);
        expect(ended).toMatchObject({ code: 0, stderr: '' });
        return app.ledger();
      } finally {
        app.remove();
      }
    },
    close: () => provider.close(),
  };
}

/** Our own module, for `load`. */
export function tokenmeter(system: System): string {
  return JSON.stringify(here(`../dist/index.${system === 'cjs' ? 'cjs' : 'mjs'}`));
}

/** Each request that the provider served is a call, and its tokens were counted once. */
export function expectCountedOnce(spans: readonly Attributes[], provider: FakeProvider): void {
  const { entries } = provider.served();
  const sum = (key: string) => spans.reduce((total, span) => total + Number(span[key] ?? 0), 0);
  const consumed = (key: 'input' | 'output') =>
    entries.reduce((total, one) => total + (one.outcome === 'completed' ? (one.consumed?.[key] ?? 0) : 0), 0);
  expect(spans.length).toBe(entries.length);
  expect(sum('gen_ai.usage.input_tokens')).toBe(consumed('input'));
  expect(sum('gen_ai.usage.output_tokens')).toBe(consumed('output'));
}

/** Feature, model and team of each call, in the order of their names. */
export function named(spans: readonly Attributes[]): string[] {
  const words = ['tokenmeter.feature', 'gen_ai.request.model', 'tokenmeter.team'] as const;
  return spans
    .map((span) => words.flatMap((key) => (span[key] === undefined ? [] : [String(span[key])])).join(' '))
    .sort();
}
