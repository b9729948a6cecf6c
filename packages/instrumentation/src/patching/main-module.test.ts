import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { announcing, MainModules } from './main-module.ts';

const NAMES = ['sdk', '@scope/sdk'];
const mains = new MainModules(new Map(NAMES.map((name) => [name, {}])));

/** A project in which the package is installed with that manifest; the path of a file of it. */
function installed(name: string, manifest: object, file: string, parent = 'node_modules'): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'tokenmeter-')), parent, name);
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  return join(folder, file);
}

test.each([
  ['main', { main: './lib/sdk.js' }, 'lib/sdk.js'],
  ['a main without its ending', { main: 'lib/sdk' }, 'lib/sdk.js'],
  ['a main that is a folder', { main: 'lib' }, 'lib/index.js'],
  ['no main at all', {}, 'index.js'],
  ['module', { main: 'a.js', module: 'b.mjs' }, 'b.mjs'],
  ['exports as a string', { main: 'a.js', exports: './b.mjs' }, 'b.mjs'],
  ['exports of conditions', { exports: { import: './b.mjs', require: './c.cjs' } }, 'c.cjs'],
  ['nested conditions', { exports: { '.': { node: { import: { default: './b.mjs' } } } } }, 'b.mjs'],
  ['fallbacks in exports', { exports: { '.': ['./b.mjs', './c.cjs'] } }, 'b.mjs'],
])('a main module by %s', (_, manifest, file) => {
  for (const name of NAMES) {
    const path = installed(name, manifest, file);
    const basedir = path.slice(0, -file.length - 1);
    expect(mains.at(path)).toEqual({ name, basedir });
    expect(mains.of(`${pathToFileURL(path)}?v=1`)).toEqual({ name, basedir });
  }
});

/** As the loader of ES modules asks. */
const IMPORT = { conditions: ['node', 'import'] };

test('another file of the package, and another package, are none', () => {
  const manifest = { exports: { '.': './index.mjs', './helpers': './helpers.mjs' } };
  expect(mains.at(installed('sdk', manifest, 'helpers.mjs'))).toBeUndefined();
  expect(mains.at(installed('other', manifest, 'index.mjs'))).toBeUndefined();
  expect(mains.at(installed('sdk/node_modules/other', manifest, 'index.mjs'))).toBeUndefined();
  expect(mains.of('node:fs')).toBeUndefined();
});

test('a folder of the app that is called like a package is none', () => {
  for (const parent of ['src', 'old_node_modules', 'node_modules_2'])
    expect(mains.at(installed('sdk', { main: 'index.js' }, 'index.js', parent))).toBeUndefined();
});

test('modules beside the main one are found where they are wanted', () => {
  const path = installed('sdk', { main: 'main.js' }, 'sockets/ws.mjs');
  const watching = new MainModules(new Map([['sdk', { beside: ['sockets/ws.js', 'sockets/ws.mjs'] }]]));
  const [basedir] = path.split('/sockets/');
  for (const file of ['main.js', 'sockets/ws.js', 'sockets/ws.mjs'])
    expect(watching.at(`${basedir}/${file}`)).toEqual({ name: 'sdk', basedir });
  expect(watching.at(`${basedir}/sockets/other.js`)).toBeUndefined();
  expect(mains.at(path)).toBeUndefined();
});

test('a package whose manifest cannot be read has none', () => {
  const path = installed('sdk', {}, 'index.js');
  writeFileSync(join(dirname(path), 'package.json'), '{');
  expect(mains.at(path)).toBeUndefined();
});

test('only the source of a main ES module grows, by one line behind the others', () => {
  const url = String(pathToFileURL(installed('sdk', {}, 'index.js')));
  const source = 'export const a = 1;';
  const grown = announcing(url, IMPORT, { format: 'module', source: new TextEncoder().encode(source) }, mains);
  const [first, second, ...rest] = String(grown.source).split('\n');
  expect([first, rest]).toEqual([source, ['']]);
  expect(second).toContain(JSON.stringify(url));
  for (const untouched of [
    { format: 'commonjs', source },
    { format: 'module', source: undefined },
    { format: undefined, source },
  ]) {
    expect(announcing(url, IMPORT, untouched, mains)).toBe(untouched);
  }
  const other = { format: 'module', source };
  expect(announcing('file:///app/index.mjs', IMPORT, other, mains)).toBe(other);
});

test('CommonJS in TypeScript that is imported goes to the CommonJS loader, which reads it itself', () => {
  const loaded = { format: 'commonjs-typescript', source: 'const a: number = 1;' };
  const url = 'file:///app/index.cts';
  for (const context of [IMPORT, {}]) {
    expect(announcing(url, context, loaded, mains)).toEqual({ format: 'commonjs', source: undefined });
  }
  expect(announcing(url, { conditions: ['node', 'require'] }, loaded, mains)).toBe(loaded);
});

test('a module hands over its functions, and goes on with what it gets for them', () => {
  const path = installed('sdk', { main: 'main.mjs' }, 'main.mjs');
  const watching = new MainModules(new Map([['sdk', { rebinds: ['one', 'two', 'missing', 'fixed'] }]]));
  const main = watching.at(path);
  const source = `"use strict";
function one() { return 'one'; }
const two = () => one() + 'two';
const two_ = 2;
class fixed {}`;
  const rebound = watching.rebinding(main as never, source);
  const told: string[] = [];
  const hand = Symbol.for('tokenmeter.v1.rebind');
  const before = Reflect.get(globalThis, hand);
  Reflect.set(globalThis, hand, (name: string, method: string, original: () => string) => {
    told.push(`${name} ${method}`);
    return method === 'fixed' ? undefined : () => `<${original()}>`;
  });
  try {
    const run = new Function(`${rebound}\nreturn [one(), two(), typeof fixed, two_];`);
    expect(run()).toEqual(['<one>', '<<one>two>', 'function', 2]);
    expect(told).toEqual(['sdk one', 'sdk two', 'sdk fixed']);
    expect(rebound.split('\n').slice(0, 3)).toEqual(source.replace('const two =', 'let two =').split('\n').slice(0, 3));
  } finally {
    Reflect.set(globalThis, hand, before);
  }
});

test('a minified module is asked for a function by its own name for it', () => {
  const path = installed('sdk', { main: 'main.mjs' }, 'main.mjs');
  const watching = new MainModules(new Map([['sdk', { rebinds: ['query'] }]]));
  const source = 'var x={y as query};function N5e(){}export{a as b,N5e as query,c};';
  expect(watching.rebinding(watching.at(path) as never, source)).toContain('try { N5e = ');
});
