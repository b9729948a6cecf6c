import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { generateFiles } from './files.ts';
import { DEFAULT_MODEL } from './model.ts';
import { ALL_ALERTS } from './prometheus/rules.ts';

const root = new URL('../../../', import.meta.url);

describe('the checked-in files', () => {
  test.each([...generateFiles(DEFAULT_MODEL)])(
    '%s is what is generated; if not, run "npm run monitoring:generate"',
    (path, text) => {
      expect(readFileSync(new URL(path, root), 'utf8')).toBe(text);
    },
  );
});

describe('every alert', () => {
  test.each(ALL_ALERTS.map((alert) => [alert.name, alert] as const))(
    '%s has a runbook and tells its number',
    (name, alert) => {
      const runbook = readFileSync(new URL(`docs/runbooks/${name}.md`, root), 'utf8');
      expect(runbook).toMatch(new RegExp(`^# ${name}\n`));
      for (const section of ['## What it means', '## What to do']) expect(runbook).toContain(section);
      expect(alert.summary).toMatch(/\{\{ \$value \||\d/);
    },
  );
});
