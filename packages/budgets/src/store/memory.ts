/** State of one process that nobody shares and nothing survives: for back-tests, and where no folder can be written. */
import { type BudgetState, type Claim, claimIdOf } from './state.ts';

export function memoryState(id = 'memory'): BudgetState {
  const claimed = new Map<string, Claim>();
  return {
    id,
    name: 'the memory of this process',
    keepsRequests: false,
    open: () => {},
    keys: () => [],
    changed: () => {},
    claim(claim) {
      const standing = claimed.get(claimIdOf(claim));
      if (standing === undefined) claimed.set(claimIdOf(claim), claim);
      return standing ?? claim;
    },
    find: (claim) => claimed.get(claimIdOf(claim)),
    claims: () => [...claimed.values()],
    release: (claim) => void claimed.delete(claimIdOf(claim)),
    listen: () => {},
    flush: async () => {},
    close: () => {},
  };
}
