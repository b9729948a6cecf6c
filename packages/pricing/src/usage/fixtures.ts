/** Test support: the recorded bodies in `fixtures/`. Not part of the package. */
import { readFileSync } from 'node:fs';

function text(name: string): string {
  return readFileSync(new URL(`../../fixtures/${name}`, import.meta.url), 'utf8');
}

/** A JSON body. */
export function body(name: string): unknown {
  return JSON.parse(text(name));
}

/** The objects of a JSON-lines file, or of an SSE transcript. */
export function lines(name: string): readonly unknown[] {
  return text(name)
    .split('\n')
    .map((line) => line.replace(/^data: /, ''))
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as unknown);
}
