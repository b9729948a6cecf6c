import { createContextKey, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { keySetBy, layer } from './context-layer.ts';
import { untilCollected } from './testing/lab.ts';

const [A, B, C] = ['a', 'b', 'c'].map((name) => createContextKey(`layer.${name}`)) as [symbol, symbol, symbol];

test('says what an ordinary context with the same values says', () => {
  const ordinary = ROOT_CONTEXT.setValue(A, 1).deleteValue(B).setValue(C, 3);
  const layered = layer(layer(layer(ROOT_CONTEXT.setValue(A, 0).setValue(B, 2), A, 1), B, undefined), C, 3);
  const added = layered.setValue(B, 4).deleteValue(C);
  for (const key of [A, B, C]) expect(layered.getValue(key)).toBe(ordinary.getValue(key));
  expect([A, B, C].map((key) => added.getValue(key))).toEqual([1, 4, undefined]);
});

test('does not pile up: what a deep layer hides is let go', async () => {
  let hidden: object | undefined = {};
  const watched = new WeakRef(hidden);
  let active = layer(ROOT_CONTEXT.setValue(B, 'kept'), A, hidden);
  hidden = undefined;
  for (let depth = 0; depth < 50; depth += 1) active = layer(active, A, { depth });
  expect(await untilCollected(() => (watched.deref() === undefined ? true : undefined))).toBe(true);
  expect([active.getValue(A), active.getValue(B)]).toEqual([{ depth: 49 }, 'kept']);
});

test('learns the keys of the API from the API itself', () => {
  const span = trace.wrapSpanContext({ traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 });
  const baggage = propagation.createBaggage({ a: { value: '1' } });
  const spanned = layer(
    ROOT_CONTEXT,
    keySetBy((ear) => trace.setSpan(ear, span)),
    span,
  );
  const active = layer(
    spanned,
    keySetBy((ear) => propagation.setBaggage(ear, baggage)),
    baggage,
  );
  expect(trace.getSpan(active)).toBe(span);
  expect(propagation.getBaggage(active)).toBe(baggage);
});
