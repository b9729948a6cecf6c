/** Numbers, tables and verdicts of the benchmarks. */
import { appendFileSync } from 'node:fs';

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** What a quarter of them is below. Of times on a machine that others use too: what these do only ever adds. */
export function lowerQuartile(numbers) {
  return [...numbers].sort((a, b) => a - b)[(numbers.length - 1) >> 2];
}

/**
 * The slope through points `[x, y]`, as the median of the slopes between any two of them (Theil and Sen): a step, as of a
 * cache that fills once, leaves it alone. `error` is half of the range in which the middle half of those slopes lies.
 */
export function slope(points) {
  const slopes = points.flatMap(([x, y], index) => points.slice(index + 1).map(([x2, y2]) => (y2 - y) / (x2 - x)));
  slopes.sort((a, b) => a - b);
  const quartile = (part) => slopes[Math.floor((slopes.length - 1) * part)];
  return { slope: median(slopes), error: (quartile(0.75) - quartile(0.25)) / 2 };
}

/** Columns are as wide as their widest cell. By default the first is aligned to the left, all others to the right. */
export function table(head, rows, alignment = ['left']) {
  const all = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  const cell = (text, column) =>
    alignment[column] === 'left' ? text.padEnd(widths[column]) : text.padStart(widths[column]);
  const line = (row) => row.map(cell).join('  ').trimEnd();
  console.log(
    [line(all[0]), widths.map((width) => '-'.repeat(width)).join('  '), ...all.slice(1).map(line)].join('\n'),
  );
}

/** One line that the next one replaces, where somebody watches. */
export function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

/** A goal is printed, not asserted: timings belong to a machine. */
export function goal(text, reached) {
  const line = `${reached ? 'PASS' : 'MISS'}  ${text}`;
  console.log(line);
  keep(line);
}

/** What makes the numbers void. */
export class Void extends Error {}

/** Runs a subject or a part of one; where its result is void or it fails, the process goes on and ends with 1. */
export async function main(subject) {
  try {
    await subject();
  } catch (error) {
    console.error(error instanceof Void ? `VOID  ${error.message}` : error);
    keep(`VOID  ${error.message.split('\n', 1)[0]}`);
    process.exitCode = 1;
  }
}

/** For the table that closes a run of several subjects. */
function keep(line) {
  if (process.env.BENCH_GOALS) appendFileSync(process.env.BENCH_GOALS, `${line}\n`);
}

/** `--name=value` from the command line, as a number. */
export function option(name, fallback) {
  const given = textOption(name);
  return given === undefined ? fallback : Number(given);
}

/** The same as it is given; undefined if it is not. */
export function textOption(name) {
  const given = process.argv.find((argument) => argument.startsWith(`--${name}=`));
  return given?.slice(name.length + 3);
}
