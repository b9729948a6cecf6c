/**
 * What a person has to know: one line on stderr each, once per process, and kept for the status file. The app runs on
 * whatever it is.
 */
export interface Warnings {
  /** Prints and keeps. */
  readonly warn: (message: string) => void;
  /** Only prints: for what the status says in a place of its own. */
  readonly tell: (message: string) => void;
  /** Only keeps: for what another process of the same run has printed already. */
  readonly note: (message: string) => void;
  readonly all: () => readonly string[];
}

const PREFIX = 'tokenmeter: ';
const MOST = 20;

export function createWarnings(print: (text: string) => void): Warnings {
  const seen = new Set<string>();
  const told = new Set<string>();
  const add = (message: string): string | undefined => {
    const text = message.startsWith(PREFIX) ? message.slice(PREFIX.length) : message;
    if (seen.has(text) || seen.size >= MOST) return undefined;
    seen.add(text);
    return text;
  };
  const say = (text: string): void => {
    try {
      print(`${PREFIX}${text}\n`);
    } catch {
      // A closed stderr is no reason to fail.
    }
  };
  return {
    warn(message) {
      const text = add(message);
      if (text !== undefined) say(text);
    },
    tell(message) {
      if (told.has(message) || told.size >= MOST) return;
      told.add(message);
      say(message);
    },
    note: (message) => void add(message),
    all: () => [...seen],
  };
}
