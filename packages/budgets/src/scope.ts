/** Which calls a budget is about, and whose account a call goes to. */
import { type Attribution, attributionReader } from '@tokenmeter/ledger';

/** What is known of a call before it is sent, and of a record after it. */
export interface ScopedCall {
  readonly operation: string;
  readonly provider: string;
  readonly requestModel?: string;
  readonly responseModel?: string;
  readonly attribution: Attribution;
}

type Reader = (call: ScopedCall) => string | undefined;

/** What is no attribution. `model` is the one that was asked for: it is known before the call, too. */
const READERS: Readonly<Record<string, Reader>> = {
  provider: (call) => call.provider,
  model: (call) => call.requestModel ?? call.responseModel,
  operation: (call) => call.operation,
};

export function readerOf(key: string): Reader {
  const own = Object.hasOwn(READERS, key) ? READERS[key] : undefined;
  if (own) return own;
  const read = attributionReader(key);
  return (call) => read(call.attribution);
}

export type Test = (call: ScopedCall) => boolean;

/** True for every call where nothing is to match. A model matches by the name that was asked for or the one that answered. */
export function testOf(match: Readonly<Record<string, readonly string[]>>): Test {
  const tests = Object.entries(match).map(([key, wanted]) => keyTest(key, wanted));
  const [first, second] = tests;
  if (first === undefined) return () => true;
  if (second === undefined) return first;
  return (call) => {
    for (let index = 0; index < tests.length; index++) if (!(tests[index] as Test)(call)) return false;
    return true;
  };
}

function keyTest(key: string, wanted: readonly string[]): Test {
  const fits = valueTest(wanted);
  if (key === 'model') return ({ requestModel, responseModel }) => fits(requestModel) || fits(responseModel);
  const read = readerOf(key);
  return (call) => fits(read(call));
}

function valueTest(wanted: readonly string[]): (value: string | undefined) => boolean {
  const [only] = wanted;
  if (wanted.length === 1 && only !== undefined && !only.endsWith('*')) return (value) => value === only;
  const exact = new Set(wanted.filter((value) => !value.endsWith('*')));
  const prefixes = wanted.filter((value) => value.endsWith('*')).map((value) => value.slice(0, -1));
  return (value) => value !== undefined && (exact.has(value) || prefixes.some((prefix) => value.startsWith(prefix)));
}
