/**
 * What the metadata and tags of frameworks say about whom a call is for. They carry much that is no attribution (run ids,
 * versions, the step of a graph), so only these keys are read.
 */
import { ATTRIBUTION_KEYS } from '@tokenmeter/ledger';
import type { AttributionInput } from '../attribution/tags.ts';
import { type Bag, bag, list } from '../providers/read.ts';

/** Other names in use for a key, LangSmith's and LangGraph's among them. The key itself wins. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  tenant: ['tenant_id', 'tenantId'],
  user: ['user_id', 'userId'],
  session: ['session_id', 'sessionId', 'thread_id', 'conversation_id'],
};

const NAMES = ATTRIBUTION_KEYS.map((key) => [key, [key, ...(ALIASES[key] ?? [])]] as const);

/** A tag that is attribution: `feature:search`. */
const TAG = new RegExp(`^(${ATTRIBUTION_KEYS.join('|')}):(.+)$`, 's');

/**
 * The attribution in records of metadata and lists of tags (`key:value`), the later winning; undefined where there is
 * none. Values are strings, or numbers for the ids of users and tenants.
 */
export function frameworkAttribution(...sources: readonly unknown[]): AttributionInput | undefined {
  let found: Record<string, string> | undefined;
  const say = (key: string, value: string): void => {
    found ??= {};
    found[key] = value;
  };
  for (const source of sources) {
    if (Array.isArray(source)) fromTags(list(source), say);
    else fromMetadata(source, say);
  }
  return found;
}

/** Most records carry none of the names, and looking for each of them costs more than looking at what is there. */
const KNOWN: ReadonlySet<string> = new Set(NAMES.flatMap(([, names]) => names));

function saysSomething(record: Bag): boolean {
  for (const key in record) if (KNOWN.has(key)) return true;
  return false;
}

type Say = (key: string, value: string) => void;

function fromTags(tags: readonly unknown[], say: Say): void {
  for (const tag of tags) {
    const [, key, value] = (typeof tag === 'string' && TAG.exec(tag)) || [];
    if (key !== undefined && value !== undefined) say(key, value);
  }
}

function fromMetadata(metadata: unknown, say: Say): void {
  const record = bag(metadata);
  if (!record || !saysSomething(record)) return;
  for (const [key, names] of NAMES) {
    for (const name of names) {
      const value = record[name];
      const text = typeof value === 'number' ? String(value) : value;
      if (typeof text !== 'string' || text === '') continue;
      say(key, text);
      break;
    }
  }
}
