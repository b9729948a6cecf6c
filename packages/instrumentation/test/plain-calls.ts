/** What the scenarios of SDKs with plain promises leave in the ledger. */
import type { ExpectedCalls } from './harness/expected.ts';
import { times } from './harness/expected.ts';

/** The cost's status where the usage is known, estimated or unknown, and of a refusal. */
export interface Statuses {
  readonly known: string;
  readonly estimated: string;
  readonly unknown: string;
}

export const PRICED: Statuses = { known: 'priced', estimated: 'estimated', unknown: 'usage_unknown' };

/** The provider states what it charged, and the price book knows no more. */
export const CHARGED: Statuses = { known: 'priced', estimated: 'unpriced', unknown: 'usage_unknown' };

/** On a machine of one's own, all is known to cost nothing. */
export const FREE: Statuses = { known: 'free', estimated: 'free', unknown: 'free' };

export function plainCalls({ known, estimated, unknown }: Statuses): ExpectedCalls {
  const done = `completed chat ${known} provider`;
  const left = `canceled chat ${estimated} estimated`;
  const broken = `failed chat ${unknown} none`;
  const refused = 'failed chat free none';
  const failed = `failed chat ${unknown} none`;
  return {
    create: [done],
    'create with params that see who reads them': times(2, /^completed chat \w+ provider$/),
    'create is a promise': [done],
    'create, consumed twice and late': [done],
    'create, ten at once': times(10, done),
    'create leaves its params alone': [done],
    'create by a subclass': [done],
    'module surface': [],

    stream: [done],
    'stream break': [left],
    'stream break with params that see who reads them': times(2, /^canceled chat \w+ (estimated|none)$/),
    'stream throw in the loop': [left],
    'stream iterator return': [left],
    'stream return before the first next': [left],
    'stream next, next, next at once': [done],
    'stream iterated twice': [done],
    'stream consumed late': [done],
    'stream never consumed': [`abandoned chat ${unknown} none`],
    'stream leaves its params alone': [done, done],
    'stream socket dies': [broken],
    'stream error event': [broken],

    'create 400': times(3, refused),
    'create 429': times(3, refused),
    'create 500': times(3, failed),
    'stream 429': [refused],
    'create 401 fired and forgotten': [refused],
    'stream 401 fired and forgotten': [refused],
    'create 401 with a then that handles no failure': [refused],
    'create fired and forgotten': [done],
    'create to a closed port': [failed],
    'create with a body that is no JSON': [failed],
    'create with no usage in the answer': [`completed chat ${unknown} none`],
  };
}

/** Where the app's own signal aborts. */
export function abortedCalls({ estimated, unknown }: Statuses): ExpectedCalls {
  return {
    'stream aborted': [`canceled chat ${estimated} estimated`],
    'create aborted before the answer': [`canceled chat ${unknown} none`],
  };
}

/** Where the stream is a readable stream. */
export function readerCalls({ known, estimated }: Statuses): ExpectedCalls {
  return {
    'stream by a reader': [`completed chat ${known} provider`],
    'stream by a reader that cancels': [`canceled chat ${estimated} estimated`],
    'stream tee': [`completed chat ${known} provider`],
  };
}
