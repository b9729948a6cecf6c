/**
 * Which line of the app makes a call that nobody tagged. Capturing a stack costs some ten microseconds, so it is done for
 * untagged calls only, and at most {@link CAPTURES_PER_SECOND} times a second; how a site reads is worked out once.
 */
import { findSourceMap } from 'node:module';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shared } from '../state.ts';

/** Deep enough for an SDK below a framework below the app. V8 counts the frames behind an `await` as well. */
const FRAMES = 40;
export const CAPTURES_PER_SECOND = 200;
/** Sites whose reading is kept. */
const REMEMBERED = 1_000;

const NODE_MODULES = /[\\/]node_modules[\\/]/;
/** A directory of sources, where this package is not built: its parent holds the whole package's sources. */
const SOURCE_FOLDER = /[\\/]attribution$/;

const state = shared('attribution.callSites', () => ({
  second: 0,
  captures: 0,
  readings: new Map<string, string>(),
}));

/**
 * `path:line` of the innermost frame of the app: outside node_modules, Node itself and this package; the path is relative
 * to the working directory and has forward slashes, and is the source's where source maps are enabled. Undefined where
 * there is no such frame, or beyond the rate. Never throws, and leaves `Error.prepareStackTrace` as it was.
 */
export function callSite(): string | undefined {
  try {
    if (!withinRate()) return undefined;
    const [self, ...callers] = capture();
    const own = ownFolder(fileOf(self));
    const frame = callers.find((candidate) => isOfApp(fileOf(candidate), own));
    return frame && readingOf(frame);
  } catch {
    return undefined;
  }
}

function withinRate(): boolean {
  const second = Math.floor(Date.now() / 1000);
  if (second !== state.second) {
    state.second = second;
    state.captures = 0;
  }
  state.captures += 1;
  return state.captures <= CAPTURES_PER_SECOND;
}

const asTheyAre: typeof Error.prepareStackTrace = (_error, frames) => frames;

/** The frames as V8 has them, this function's own caller first. */
function capture(): readonly NodeJS.CallSite[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  try {
    Error.prepareStackTrace = asTheyAre;
    Error.stackTraceLimit = FRAMES;
    const holder: { stack?: readonly NodeJS.CallSite[] } = {};
    Error.captureStackTrace(holder, capture);
    return holder.stack ?? [];
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function fileOf(frame: NodeJS.CallSite | undefined): string {
  const name = frame?.getFileName() ?? '';
  return name.startsWith('file:') ? fileURLToPath(name) : name;
}

function ownFolder(file: string): string {
  const folder = file.replace(/[\\/][^\\/]*$/, '');
  return `${folder.replace(SOURCE_FOLDER, '')}${file.includes('\\') ? '\\' : '/'}`;
}

function isOfApp(file: string, own: string): boolean {
  return file !== '' && !file.startsWith('node:') && !NODE_MODULES.test(file) && !file.startsWith(own);
}

function readingOf(frame: NodeJS.CallSite): string {
  const file = fileOf(frame);
  const line = frame.getLineNumber() ?? 0;
  const column = frame.getColumnNumber() ?? 0;
  const key = `${file}:${line}:${column}`;
  const known = state.readings.get(key);
  if (known !== undefined) return known;
  const source = originOf(file, line, column) ?? { file, line };
  const path = relative(process.cwd(), source.file).replaceAll('\\', '/');
  const reading = `${path}:${source.line}`;
  if (state.readings.size < REMEMBERED) state.readings.set(key, reading);
  return reading;
}

/** Where a source map says that the position comes from; maps are known to Node under `--enable-source-maps` only. */
function originOf(file: string, line: number, column: number): { file: string; line: number } | undefined {
  const entry = findSourceMap(file)?.findEntry(line - 1, column - 1);
  if (!entry || !('originalSource' in entry) || !entry.originalSource) return undefined;
  const { originalSource, originalLine } = entry;
  return {
    file: originalSource.startsWith('file:') ? fileURLToPath(originalSource) : originalSource,
    line: originalLine + 1,
  };
}
