import { mkdtempSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { loadSdk } from '../testing/lab.ts';
import { instrument, onUntestedPackage, type PatchedPackage, packageLoaded, patchedPackages } from './packages.ts';

const untested: PatchedPackage[] = [];
const warnings: string[] = [];

beforeEach(() => {
  untested.length = 0;
  warnings.length = 0;
  onUntestedPackage(
    (found) => untested.push(found),
    (message) => warnings.push(message),
  );
});

/** A package folder of that version, as a module hook would name it. */
function folderOf(version: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'tokenmeter-'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ version }));
  return folder;
}

test('a version outside the tested range is patched at best effort, with one warning that names it', () => {
  const OpenAI = loadSdk('openai-7');
  const folder = folderOf('99.1.2');
  packageLoaded('openai', { OpenAI }, folder);
  packageLoaded('openai', { OpenAI }, folder);
  expect(untested).toHaveLength(1);
  expect(untested[0]).toMatchObject({ name: 'openai', version: '99.1.2', tested: false });
  expect(untested[0]?.targets).toContain('chat.completions.create');
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain('openai 99.1.2');
  expect(warnings[0]).toContain(untested[0]?.range);
});

test('a missing class costs none of the others', () => {
  const { Chat, Embeddings } = loadSdk('openai-6') as unknown as Record<string, unknown>;
  const partial = Object.assign(class OpenAI {}, { Chat, Embeddings, Responses: undefined });
  packageLoaded('openai', { OpenAI: partial }, folderOf('7.0.0'));
  expect(patchedPackages().at(-1)?.targets).toEqual(['chat.completions.create', 'embeddings.create']);
});

test('a package without its class is told of, and its import is not broken', () => {
  packageLoaded('openai', {}, folderOf('7.0.1'));
  expect(untested[0]).toMatchObject({ version: '7.0.1', targets: [] });
  expect(warnings[0]).toContain('its calls are not seen');
});

test.each([undefined, null, 3, {}, class Other {}])('instrument(%o) warns and does nothing', (target) => {
  instrument(target);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain('instrument()');
});

test.each([
  ['openai-5', 'openai'],
  ['anthropic-0', '@anthropic-ai/sdk'],
])('%s: the class of the promises is hooked before there is one', (folder, name) => {
  const sdk = createRequire(join(import.meta.dirname, `../../sdks/${folder}/package.json`))(name);
  const { parse } = sdk.APIPromise.prototype;
  packageLoaded(name, sdk, folderOf('7.0.2'));
  expect(sdk.APIPromise.prototype.parse).not.toBe(parse);
  expect(sdk.PagePromise.prototype.parse).toBe(sdk.APIPromise.prototype.parse);
});
