import { expect, test } from 'vitest';
import { type BudgetInput, compileBudgets } from '../compile.ts';
import { identityOf } from './edges.ts';

const features = { chat: { team: 'search' }, chatter: {} };

function whose(input: Partial<BudgetInput>, value?: string): object {
  const { budgets } = compileBudgets({ features, budgets: [{ name: 'b', usd: 1, per: 'day', ...input }] });
  const [budget] = budgets;
  if (budget === undefined) throw new Error('no budget');
  const { feature, team } = identityOf(budget, 'test', value, 'store');
  return { feature, team };
}

test('a budget is of one feature and of its team, or of several and of nobody', () => {
  expect(whose({})).toEqual({});
  expect(whose({ match: { feature: 'chat' } })).toEqual({ feature: 'chat', team: 'search' });
  expect(whose({ match: { feature: 'chatter' } })).toEqual({ feature: 'chatter' });
  expect(whose({ match: { feature: 'chat*' } })).toEqual({});
  expect(whose({ match: { feature: ['chat', 'chatter'] } })).toEqual({});
  expect(whose({ match: { team: 'search' } })).toEqual({ team: 'search' });
  expect(whose({ each: 'team' }, 'data')).toEqual({ team: 'data' });
  expect(whose({ each: 'feature', match: { team: 'search' } }, 'chat')).toEqual({ feature: 'chat', team: 'search' });
});
