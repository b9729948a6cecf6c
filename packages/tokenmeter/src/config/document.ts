/** A YAML file as data that still knows its lines. */
import type { Document, LineCounter, Node } from 'yaml';
import { yaml } from './lazy.ts';

/** Keys and indices from the root. */
export type Path = readonly (string | number)[];

export interface Problem {
  readonly line: number;
  readonly message: string;
}

/** A part that is left out because a `${NAME}` in it has no value: secrets are not set everywhere. */
export interface LeftOut extends Problem {
  readonly path: Path;
}

export class ConfigDocument {
  readonly #document: Document.Parsed;
  readonly #lines: LineCounter;
  readonly problems: Problem[] = [];
  /** Channels of `alerts`. The rest of the file holds without them. */
  readonly leftOut: LeftOut[] = [];

  /** Problems of the YAML itself, and of `${NAME}`s without a value, are in `problems` then. */
  constructor(text: string, env: Readonly<Record<string, string | undefined>>) {
    const { LineCounter, parseDocument } = yaml();
    this.#lines = new LineCounter();
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    for (const { message, pos } of this.#document.errors) this.problems.push({ line: this.#line(pos[0]), message });
    this.#interpolate(env);
    for (const { path } of this.leftOut) this.#document.deleteIn(path);
  }

  /** The data; an empty file is an empty mapping. Throws what an alias that goes too far makes `yaml` throw. */
  data(): unknown {
    return this.#document.toJS() ?? {};
  }

  /** The line of a value, or of the nearest thing above that is there. */
  lineOf(path: Path): number {
    for (let length = path.length; length > 0; length--) {
      const node = this.#document.getIn(path.slice(0, length), true) as Node | undefined;
      if (node?.range) return this.#line(node.range[0]);
    }
    return 1;
  }

  /** The line of a key of the mapping at `path`. */
  lineOfKey(path: Path, key: string): number {
    const { isMap, isScalar } = yaml();
    const parent = path.length === 0 ? this.#document.contents : this.#document.getIn(path, true);
    const pair = isMap(parent)
      ? parent.items.find((item) => isScalar(item.key) && String(item.key.value) === key)
      : undefined;
    const range = isScalar(pair?.key) ? pair.key.range : undefined;
    return range ? this.#line(range[0]) : this.lineOf(path);
  }

  #interpolate(env: Readonly<Record<string, string | undefined>>): void {
    yaml().visit(this.#document, {
      Scalar: (position, node, above) => {
        if (position === 'key' || typeof node.value !== 'string') return;
        node.value = node.value.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) => {
          const value = env[name];
          if (value !== undefined) return value;
          const problem = {
            line: this.#line(node.range?.[0] ?? 0),
            message: `the environment variable ${name} is not set`,
          };
          const channel = channelOf(above);
          if (channel === undefined) this.problems.push(problem);
          else this.leftOut.push({ ...problem, path: ['alerts', channel] });
          return whole;
        });
      },
    });
  }

  #line(offset: number): number {
    return this.#lines.linePos(offset).line;
  }
}

/** The channel of `alerts` that a value belongs to, by the mappings above it. */
function channelOf(above: readonly unknown[]): string | undefined {
  const { isPair, isScalar } = yaml();
  const [section, channel] = above
    .filter((node) => isPair(node))
    .map(({ key }) => (isScalar(key) ? key.value : undefined));
  return section === 'alerts' && typeof channel === 'string' ? channel : undefined;
}
