/** Model ids that the SDKs name in their types: read from their declaration files, so that an update shows at once. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export interface Union {
  readonly name: string;
  readonly provider: string;
  readonly ids: readonly string[];
}

const FILES: readonly (readonly [name: string, provider: string, root: string, file: string, type: RegExp])[] = [
  ['ChatModel', 'openai', 'openai', 'resources/shared.d.ts', /^export type ChatModel = (.+);$/m],
  ['ResponsesModel', 'openai', 'openai', 'resources/shared.d.ts', /^export type ResponsesModel = (.+);$/m],
  ['Model', 'anthropic', '@anthropic-ai/sdk', 'resources/messages/messages.d.ts', /^export type Model = (.+);$/m],
  ['Model', 'gcp.gemini', '@google/genai', 'dist/genai.d.ts', /^declare type Model_2 = (.+);$/m],
];

/** Every union; throws where a type is not where it was. */
export function sdkUnions(): readonly Union[] {
  return FILES.map(([name, provider, root, file, type]) => {
    const text = readFileSync(join(packageRoot(root), file), 'utf8');
    const union = type.exec(text)?.[1];
    if (union === undefined) throw new Error(`${root}/${file} has no type that matches ${type}`);
    const ids = [...union.matchAll(/['"]([^'"]+)['"]/g)].map((match) => match[1] as string);
    return { name, provider, ids };
  });
}

function packageRoot(name: string): string {
  const resolve = createRequire(import.meta.url).resolve;
  let directory = dirname(resolve(name));
  while (!hasManifest(directory, name)) {
    const parent = dirname(directory);
    if (parent === directory) throw new Error(`${name} is not installed`);
    directory = parent;
  }
  return directory;
}

function hasManifest(directory: string, name: string): boolean {
  try {
    return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')).name === name;
  } catch {
    return false;
  }
}
