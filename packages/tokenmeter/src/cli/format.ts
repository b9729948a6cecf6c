/** Numbers and texts as the tables show them. */
import Table from 'cli-table3';

const PICO_DIGITS = 12;
/** Decimals of money everywhere but in the exact columns. */
export const MONEY_DECIMALS = 4;

/** Exact decimal of pico-USD, without trailing zeros. */
export function exactUsd(pico: bigint): string {
  return decimal(pico, PICO_DIGITS).replace(/\.?0+$/, '');
}

/** USD with {@link MONEY_DECIMALS}, rounded half up. */
export function roundedUsd(pico: bigint): string {
  const unit = 10n ** BigInt(PICO_DIGITS - MONEY_DECIMALS);
  return decimal((pico + unit / 2n) / unit, MONEY_DECIMALS);
}

/** `$1,234.5679`; an amount that would round to nothing says so instead of pretending to be nothing. */
export function dollars(pico: bigint): string {
  const rounded = roundedUsd(pico);
  if (pico > 0n && Number(rounded) === 0) return `<$${decimal(1n, MONEY_DECIMALS)}`;
  const [whole = '', fraction] = rounded.split('.');
  return `$${count(BigInt(whole))}.${fraction}`;
}

export function count(value: number | bigint): string {
  return value.toLocaleString('en-US');
}

/** `part` of `whole` in percent with one decimal; 0 of 0 is 0. */
export function percent(part: number, whole: number): string {
  return ((whole === 0 ? 0 : part / whole) * 100).toFixed(1);
}

/** Not applicable. */
export const NONE = '─';

export interface Column {
  readonly title: string;
  readonly right?: boolean;
}

/** A plain table: a head, a rule, the rows, and after another rule the last ones. No colours. */
export function table(columns: readonly Column[], rows: readonly string[][], last: readonly string[][] = []): string {
  const rule = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', left: '', right: '', middle: '  ' };
  const result = new Table({
    head: columns.map(({ title }) => title),
    colAligns: columns.map(({ right }) => (right ? 'right' : 'left')),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    chars: { ...rule, bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '', ...NO_RULES },
  });
  result.push(...rows, ...last);
  const [head = '', ...lines] = result.toString().split('\n');
  const width = Math.max(...[head, ...lines].map((line) => line.trimEnd().length));
  const line = NONE.repeat(width);
  const body = lines.slice(0, rows.length);
  const tail = lines.slice(rows.length);
  return [head, line, ...body, ...(tail.length > 0 ? [line, ...tail] : [])].map((text) => text.trimEnd()).join('\n');
}

const NO_RULES = { mid: '', 'mid-mid': '', 'left-mid': '', 'right-mid': '' };

/** RFC 4180. Text that a spreadsheet would take for a formula gets an apostrophe in front. */
export function csv(rows: readonly (readonly (string | number | undefined)[])[]): string {
  return rows.map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
}

function csvCell(value: string | number | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function decimal(value: bigint, digits: number): string {
  const text = value.toString().padStart(digits + 1, '0');
  return `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
