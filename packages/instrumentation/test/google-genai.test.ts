/** The transparency scenarios of `@google/genai` 1, 2 and 3. */
import {
  abandoned,
  broken,
  done,
  type ExpectedCalls,
  failed,
  ignored,
  left,
  leftEarly,
  NONE,
  refused,
  times,
} from './harness/expected.ts';
import { prove } from './harness/proof.ts';

const GENERATE = 'generate_content';

const content = done(GENERATE);
const quiet = refused(GENERATE);

/** 1.x does not tell an error inside a stream: it ends like any other that broke off. */
const brokenOrShort = new RegExp(`${broken(GENERATE).source}|^completed ${GENERATE} estimated estimated$`);

/** Where the SDK puts a generator of its own around the request's, only that one is told that the app leaves. */
const leftOrNeverTaken = new RegExp(`${left(GENERATE).source}|${abandoned(GENERATE).source}`);

/** 1.x has lazy promises: what nobody looks at is not read. */
const ignoredOrRefused = new RegExp(`^(${ignored(GENERATE)}|${quiet})$`);

const stream = (name: string): ExpectedCalls => ({
  [name]: [content],
  [`${name} break`]: [left(GENERATE)],
  [`${name} throw in the loop`]: [left(GENERATE)],
  [`${name} iterator return`]: [left(GENERATE)],
  [`${name} iterator throw`]: [left(GENERATE)],
  [`${name} AbortController`]: [left(GENERATE)],
  [`${name} iterated twice`]: [content],
  [`${name} three next at once`]: [content],
  [`${name} socket dies`]: [broken(GENERATE)],
  [`${name} error event`]: [brokenOrShort],
  [`${name} never consumed`]: [abandoned(GENERATE)],
  [`${name}: nothing is read ahead`]: [content],
  [`${name}: nothing is read after a break`]: [left(GENERATE)],
});

const calls: ExpectedCalls = {
  'content generate': [content],
  'content generate with params that see who reads them': times(2, content),
  'content generate gives a plain promise': [content],
  'content promise consumed twice': [content],
  'content then, late': [content],
  'content with parameters, frozen': [content],
  'content by a subclass': [content],
  'content by a method that was taken off its object': [content],
  'content: when the request leaves': [content],
  'content: order of two calls and of two readers': [content, content],
  'content: twenty at once': times(20, content),
  'content with functions that the SDK calls': [content, content],
  'content with functions that the app calls': [content],
  chat: [content, content],
  'embed content': [done('embeddings')],
  'content count tokens': NONE,
  'module surface': NONE,

  ...stream('content stream'),
  ...stream('content bare stream'),
  'content stream return before the first chunk': [leftOrNeverTaken],
  'content bare stream return before the first chunk': [leftOrNeverTaken],
  'content stream consumed late': [content],
  'content stream: order of chunks and ticks': [content],
  'content stream with functions that the SDK calls': [content, content],
  'content stream, left in its second round': [content, left(GENERATE)],
  'chat stream': [content, content],
  'chat stream break': [left(GENERATE)],

  'content 429': [quiet],
  // 1.20 does not retry.
  'content 503 retried': [new RegExp(`${content}|${quiet}`)],
  'content stream 429': [quiet],
  'embed 429': [refused('embeddings')],
  'content 400, by every way to read it': times(6, quiet),
  'content 401 fired and forgotten': [quiet],
  'content stream 401 fired and forgotten': [quiet],
  'chat 401 fired and forgotten': [quiet],
  'content 401 with a then that handles no failure': [quiet],
  'content 401 awaited after the rejection was reported': [quiet],
  'content fired and forgotten': [content],
  'content aborted before the answer': [leftEarly(GENERATE)],
  'content stream aborted before the answer': [leftEarly(GENERATE)],
  'content time-out': [failed(GENERATE)],
  'content to a closed port': [failed(GENERATE)],
  'content without contents': [quiet],
  'content answered with half a body': [failed(GENERATE)],

  interaction: [content],
  'interaction promise consumed twice': [content],
  'interaction stream': [content],
  'interaction stream break': [left(GENERATE)],
  'interaction stream throw in the loop': [left(GENERATE)],
  'interaction stream AbortController': [left(GENERATE)],
  'interaction stream, read as a ReadableStream': [/^(completed|abandoned) /],
  'interaction stream socket dies': [broken(GENERATE)],
  'interaction stream never consumed': [abandoned(GENERATE)],
  'interaction 400, by every way to read it': times(5, quiet),
  'interaction 401 fired and forgotten': [ignoredOrRefused],
  'interaction stream 401 fired and forgotten': [ignoredOrRefused],
  'interaction aborted before the answer': [leftEarly(GENERATE)],
  'interaction in the background': [content],
  'interaction surface': NONE,
};

prove({
  family: 'google-genai',
  skipped: {
    'google-genai-1.20': Object.keys(calls).filter((name) => name.startsWith('interaction')),
    'google-genai-1': ['interaction aborted before the answer', 'interaction in the background'],
  },
  retriesUnsaid: ['content 503 retried'],
  askForUsage: [],
  calls,
  fatal: 'content 401 fired and forgotten',
});
