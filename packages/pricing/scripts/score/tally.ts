/** Counts agreement by group, in lines for people. */

export interface Outcome {
  readonly group: string;
  readonly agrees: boolean;
  readonly note: string;
  /** Listed, but neither for nor against. */
  readonly apart?: boolean;
}

export interface Score {
  readonly lines: readonly string[];
  readonly disagreements: number;
}

export function tally(outcomes: readonly Outcome[]): Score {
  const groups = new Map<string, { all: number; agree: number }>();
  for (const { group, agrees, apart } of outcomes) {
    if (apart) continue;
    const counts = groups.get(group) ?? { all: 0, agree: 0 };
    counts.all++;
    if (agrees) counts.agree++;
    groups.set(group, counts);
  }
  const wrong = outcomes.filter(({ agrees, apart }) => !agrees && !apart);
  const counted = outcomes.filter(({ apart }) => !apart).length;
  return {
    lines: [
      ...[...groups]
        .sort()
        .map(([group, { all, agree }]) => `${group.padEnd(40)} ${agree}/${all} ${percent(agree, all)}`),
      `${'all'.padEnd(40)} ${counted - wrong.length}/${counted} ${percent(counted - wrong.length, counted)}`,
      ...outcomes.filter(({ apart }) => apart).map(({ note }) => `apart: ${note}`),
      ...wrong.map(({ note }) => `DISAGREES ${note}`),
    ],
    disagreements: wrong.length,
  };
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '-' : `${((100 * part) / whole).toFixed(2)}%`;
}
