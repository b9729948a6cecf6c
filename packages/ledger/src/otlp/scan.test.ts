import { ATTR, TOKENMETER_ATTR } from '@tokenmeter/semconv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Attributes } from '../attributes.ts';
import type { CallRecord } from '../record.ts';
import { aCall, anyCall } from '../records.fixture.ts';
import { callOf, resourceFacts } from './decode.ts';
import { toOtlp } from './encode.ts';
import { ALL_ATTRIBUTES, type ReaderTable, readersOf } from './readers.ts';
import { LineScanner } from './scan.ts';
import { resourceSpansOf } from './wire.ts';

const SOME = readersOf([ATTR.operationName, ATTR.userId, TOKENMETER_ATTR.costStatus, TOKENMETER_ATTR.costUsd]);

function scan(line: string | Buffer, table: ReaderTable = ALL_ATTRIBUTES): CallRecord[] | undefined {
  const bytes = Buffer.from(line);
  return new LineScanner(table).scan(bytes, 0, bytes.length);
}

/** The same, by JSON.parse. */
function parse(line: string, table: ReaderTable = ALL_ATTRIBUTES): CallRecord[] {
  return (resourceSpansOf(JSON.parse(line)) ?? []).flatMap(({ resource, spans }) => {
    return spans.map((span) => callOf(span, resourceFacts(resource), table)).filter((call) => call !== undefined);
  });
}

const resource: fc.Arbitrary<Attributes> = fc.dictionary(
  fc.constantFrom('service.name', 'deployment.environment.name', 'tokenmeter.metered', 'x"y'),
  fc.oneof(fc.string({ unit: 'grapheme' }), fc.boolean(), fc.integer()),
);

describe('the line scanner', () => {
  it.each([
    ['all attributes', ALL_ATTRIBUTES],
    ['some attributes', SOME],
  ])('reads every line that the encoder writes, as JSON.parse does: %s', (_, table) => {
    // One scanner for all: what it remembers of one line must not be seen in another.
    const scanner = new LineScanner(table);
    fc.assert(
      fc.property(fc.array(anyCall, { minLength: 1, maxLength: 3 }), resource, (calls, process) => {
        const line = Buffer.from(toOtlp(calls, process));
        for (let time = 0; time < 2; time++) {
          expect(scanner.scan(line, 0, line.length)).toStrictEqual(parse(line.toString(), table));
        }
      }),
    );
  });

  it('reads nothing else out of a line that was changed', () => {
    const anyByte = fc.oneof(fc.constantFrom(...Buffer.from('"\\{}[],: 0e-')), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(
        anyCall,
        fc.nat(),
        fc.nat({ max: 3 }),
        fc.array(anyByte, { maxLength: 3 }),
        (call, at, length, bytes) => {
          const line = Buffer.from(toOtlp([call], {}));
          const from = at % line.length;
          const changed = Buffer.concat([line.subarray(0, from), Buffer.from(bytes), line.subarray(from + length)]);
          const scanner = new LineScanner(ALL_ATTRIBUTES);
          expect(scanner.scan(line, 0, line.length)).toHaveLength(1);
          const scanned = scanner.scan(changed, 0, changed.length);
          if (scanned !== undefined) expect(scanned).toStrictEqual(parse(changed.toString()));
        },
      ),
      { numRuns: 1500, endOnFailure: true },
    );
  });

  it.each([
    ['white space', (line: string) => line.replace('"spans":[', '"spans": [')],
    ['another scope', (line: string) => line.replace('"name":"tokenmeter"', '"name":"other"')],
    ['a cut', (line: string) => line.slice(0, -1)],
    ['something after it', (line: string) => `${line}x`],
    ['nothing', () => ''],
  ])('leaves a line with %s to JSON.parse', (_, change) => {
    const line = toOtlp([aCall()], {});
    expect(scan(line)).toHaveLength(1);
    expect(scan(change(line))).toBeUndefined();
  });
});
