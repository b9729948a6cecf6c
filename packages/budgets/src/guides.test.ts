/** Seven days of spend are no day's spend: the window of a sum is the window of its budget. */
import { expect, it } from 'vitest';
import { Engine } from './engine.ts';
import { memoryState } from './store/memory.ts';
import { budgets, call, DAY, NOON } from './testing.ts';

function statesAfter(usdPerDay: number): string[] {
  let now = NOON;
  const states: string[] = [];
  const engine = new Engine({
    budgets: budgets({ per: 'day', usd: 2, thresholds: ['100%'] }),
    state: memoryState(),
    onEdge: ({ state }) => states.push(state),
    now: () => now,
  });
  for (let day = 0; day < 7; day++, now += DAY) {
    engine.tick();
    engine.record(call({ usd: usdPerDay, startTime: now }));
  }
  return states;
}

it('a week of $1.99 a day is within $2 a day, and a week of $2.01 a day is over every day', () => {
  expect(statesAfter(1.99)).toEqual([]);
  expect(statesAfter(2)).toEqual([]);
  expect(statesAfter(2.01).filter((state) => state === 'OVER')).toHaveLength(7);
});
