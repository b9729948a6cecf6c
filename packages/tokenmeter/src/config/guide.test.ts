import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadConfig } from './load.ts';

it.each(['budgets.md', 'alerts.md'])('every example of docs/%s can be loaded', (name) => {
  const guide = readFileSync(new URL(`../../../../docs/${name}`, import.meta.url), 'utf8');
  const examples = [...guide.matchAll(/```yaml\n(.*?)```/gs)].map(([, text = '']) => text);
  expect(examples.length).toBeGreaterThan(0);
  const home = mkdtempSync(join(tmpdir(), 'guide-'));
  for (const text of examples) {
    writeFileSync(join(home, 'tokenmeter.yaml'), text);
    expect(() => loadConfig({ cwd: home, env: {} })).not.toThrow();
  }
  rmSync(home, { recursive: true });
});
