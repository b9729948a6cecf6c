/** Fills the tables of `docs/compatibility.md`: a cell is a child process whose calls were counted. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { AppFolder } from '../harness.ts';
import { ROOT } from '../packed-project.ts';
import { type Outcome, runAll, runCell } from './cell.ts';
import { coexistences, JOINED, runCoexistence, STARTED } from './coexistence.ts';
import { render, type Section } from './document.ts';
import { BUNDLES, matrixApp, matrixCells, PROCESSES, STRIPPED, TSX } from './matrix.ts';
import { NODES } from './nodes.ts';
import { SDKS, sdkCells, withoutCells } from './sdks.ts';

const DOCUMENT = join(ROOT, 'docs', 'compatibility.md');
/** Cells that run at the same time: each waits for its provider now and then. */
const AT_ONCE = 3;

const SECTIONS: readonly Section[] = [
  {
    table: PROCESSES,
    heads: ['Tokenmeter by', 'modules', 'the call is in'],
    text: `An app of CommonJS, of ES modules, or of both: a CommonJS file that uses its own copy of the SDK, and imports an ES module
that uses the other. The SDK is \`groq-sdk\`: it is generated like OpenAI's, has both copies, and is the smallest of its kind. A
child process gets its parent's flags (\`fork\`), or its \`NODE_OPTIONS\` (\`spawn\`). \`instrument()\`: nothing is preloaded; the app
imports \`tokenmeter/register\` behind its SDK and hands the class over.`,
  },
  {
    table: STRIPPED,
    heads: ['Tokenmeter by', 'modules'],
    text: 'The same app in TypeScript, whose types Node strips; 22.15 needs `--experimental-strip-types` for that.',
  },
  {
    table: TSX,
    heads: ['Tokenmeter by', 'modules'],
    text: `The same app, run by \`tsx app.ts\`. Before Node 22.22.3 and 24.11.1, tsx hides what a CommonJS app loads: there only
\`instrument()\` sees its SDKs.`,
  },
  {
    table: BUNDLES,
    heads: ['modules'],
    text: `One file with the SDK in it, built by esbuild, and its class handed to \`instrument()\`. \`tokenmeter\` and
\`tokenmeter/register\` are left out of the bundle (\`external\`), and installed beside it.`,
  },
  {
    table: SDKS,
    heads: ['package', 'version'],
    text: `The newest version of each major that is tested, and the oldest of some. Versions between and beyond are patched in the same
way; one outside the tested range is named in a warning. That results, errors and streams stay the same is another,
longer test, in \`packages/instrumentation/test\`.`,
  },
  {
    table: JOINED,
    heads: ['with', 'modules'],
    text: `The app makes its call inside a span of its own. Its backend gets one span for the call, below the app's; there is no second
provider, and nothing is registered twice. The call is counted once: by the metrics, which go through the app's own
MeterProvider, or in the ledger, where its provider is for traces alone (Sentry, Datadog). What Sentry and
Datadog record of model calls by themselves is switched off, as [register.md](register.md) says.`,
  },
  {
    table: STARTED,
    heads: ['with', 'modules'],
    text: 'The app has the packages and starts nothing; `OTEL_*` asks for it. Its own copy of the SDK is the one that starts.',
  },
];

const outcomes: Outcome[] = [];
const folders: AppFolder[] = [];

afterAll(() => {
  for (const folder of folders) folder.remove();
});

function expectAllCounted(found: readonly Outcome[]): void {
  outcomes.push(...found);
  const failed = found.filter(({ complaints }) => complaints.length > 0);
  expect(failed.map(({ table, row, column, complaints }) => [table, row, column, ...complaints].join(': '))).toEqual(
    [],
  );
}

/** A machine that is busy with other things takes its time. */
const TIMEOUT = { timeout: 1_800_000 };

test('every way to start, module system, process and Node counts each call', TIMEOUT, async () => {
  const app = matrixApp();
  folders.push(app);
  expectAllCounted(await runAll(matrixCells(app, NODES), AT_ONCE, runCell));
});

test('every SDK counts each call in both module systems', TIMEOUT, async () => {
  expect(withoutCells()).toEqual([]);
  const { cells, folders: apps } = sdkCells(process.execPath);
  folders.push(...apps);
  expectAllCounted(await runAll(cells, AT_ONCE, runCell));
});

test('OpenTelemetry that is there is joined, and what is asked for is started', TIMEOUT, async () => {
  const cells = coexistences();
  folders.push(...cells.map(({ folder }) => folder));
  expectAllCounted(await runAll(cells, AT_ONCE, runCoexistence));
});

test.skipIf(NODES.some(({ path }) => path === undefined))('docs/compatibility.md says what was found', () => {
  const text = render(SECTIONS, outcomes);
  if (process.env.TOKENMETER_WRITE_COMPATIBILITY) writeFileSync(DOCUMENT, text);
  expect(existsSync(DOCUMENT) && readFileSync(DOCUMENT, 'utf8')).toBe(text);
});
