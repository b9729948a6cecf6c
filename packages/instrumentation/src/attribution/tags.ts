/**
 * Tags are attribution in its working form: a flat record of checked strings. What users, frameworks, baggage and the
 * environment hand in becomes tags here, and nothing in here throws.
 */
import { UNTAGGED } from '@tokenmeter/semconv';
import { warnOnce } from '../state.ts';

/** What a caller says about a call. Any other key than the known ones is kept, on spans and in the ledger only. */
export interface AttributionInput {
  readonly feature?: string;
  readonly team?: string;
  readonly tenant?: string;
  readonly environment?: string;
  readonly user?: string;
  readonly session?: string;
  readonly route?: string;
  readonly request?: string;
  readonly [key: string]: string | undefined;
}

export type Tags = Readonly<Record<string, string>>;

export const NO_TAGS: Tags = Object.freeze({});

/** Longer values are cut. */
export const MAX_VALUE_LENGTH = 256;
/** Longer keys are dropped, and so is what comes after that many keys. */
export const MAX_KEY_LENGTH = 64;
export const MAX_KEYS = 32;

/** Half a surrogate pair: URI encoding, which propagators use, throws on it. */
const LONE_SURROGATE = /\p{Surrogate}/gu;

/**
 * The tag for a value: trimmed, cut to {@link MAX_VALUE_LENGTH}, well-formed. Undefined where it is no tag: undefined
 * and blank strings silently, anything else with one warning.
 */
function tagValue(key: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string') {
    warnOnce('attribution.type', `the ${key} given to attribution is no string; it is ignored. Pass a string.`);
    return undefined;
  }
  const text = value.trim().slice(0, MAX_VALUE_LENGTH).replace(LONE_SURROGATE, '\uFFFD');
  if (text === '') return undefined;
  if (key === 'feature' && text === UNTAGGED) {
    warnOnce(
      'attribution.untagged',
      `a feature cannot be named "${UNTAGGED}": that is the name of calls without a feature. It is ignored; choose another name.`,
    );
    return undefined;
  }
  return text;
}

/** The tags of an input; never throws, whatever it is. */
export function tagsOf(input: unknown): Tags {
  if (input === undefined) return NO_TAGS;
  if (typeof input !== 'object' || input === null) {
    warnOnce('attribution.object', 'attribution must be an object such as { feature: "search" }; it is ignored.');
    return NO_TAGS;
  }
  const tags: [string, string][] = [];
  try {
    for (const [key, value] of Object.entries(input)) {
      const text = tagValue(key, value);
      if (text === undefined || key === '' || key.length > MAX_KEY_LENGTH) continue;
      if (tags.push([key, text]) === MAX_KEYS) break;
    }
  } catch {
    warnOnce('attribution.getter', 'an attribution object threw while it was read; the rest of it is ignored.');
  }
  return tags.length === 0 ? NO_TAGS : Object.fromEntries(tags);
}

/**
 * `top` over `base`, key by key. A team that `base` named for its own feature does not pass to a feature for which the
 * configuration declares another one (`hasTeam`): that feature's own team is filled in at the end.
 */
export function over(base: Tags, top: Tags, hasTeam: (feature: string) => boolean): Tags {
  if (top === NO_TAGS) return base;
  if (base === NO_TAGS) return top;
  const merged: Record<string, string> = { ...base, ...top };
  if (top.feature !== undefined && top.team === undefined && hasTeam(top.feature)) delete merged.team;
  return merged;
}
