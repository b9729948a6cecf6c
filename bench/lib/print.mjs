/** Numbers, tables and verdicts of the benchmarks. */

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Columns are as wide as their widest cell; the first is aligned to the left, all others to the right. */
export function table(head, rows) {
  const all = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  const line = (row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  ');
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
  console.log(`${reached ? 'PASS' : 'MISS'}  ${text}`);
}

/** What makes the numbers void. */
export class Void extends Error {}

/** Runs a subject; a result that is void ends the process with 1. */
export async function main(subject) {
  try {
    await subject();
  } catch (error) {
    if (!(error instanceof Void)) throw error;
    console.error(`VOID  ${error.message}`);
    process.exitCode = 1;
  }
}

/** `--name=value` from the command line, as a number. */
export function option(name, fallback) {
  const given = process.argv.find((argument) => argument.startsWith(`--${name}=`));
  return given === undefined ? fallback : Number(given.slice(name.length + 3));
}
