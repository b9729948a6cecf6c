/** What a scenario gets: the SDK as the app loaded it, a client of its own, and words to write its transcript with. */
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { failure, method, shape } from './transcript.mjs';

export function toolbox(loaded, name, transcript) {
  const { Client, clientOf = (Class, options) => new Class(options) } = loaded;
  const log = (label, value) => transcript().log(label, value);
  const settings = {
    apiKey: 'sk-test-not-a-key',
    baseURL: process.env.SCENARIO_BASE_URL,
    maxRetries: 0,
    defaultHeaders: { 'x-scenario': encodeURIComponent(name) },
  };
  const makeClient = (options = {}, Class = Client) => {
    const defaultHeaders = { ...settings.defaultHeaders, ...options.defaultHeaders };
    return clientOf(Class, { ...settings, ...options, defaultHeaders }, loaded);
  };

  /** Logs how a promise or function ends. Returns the value, or undefined after a failure. */
  const outcome = async (label, work) => {
    try {
      const value = await (typeof work === 'function' ? work() : work);
      log(`${label}: resolved`, value);
      return value;
    } catch (error) {
      log(`${label}: rejected`, failure(error));
      return undefined;
    }
  };

  /** Logs every item of an iterable, each as it arrives, and how the iteration ends. `each` may return 'break'. */
  const items = async (label, iterable, each = () => undefined) => {
    let count = 0;
    try {
      for await (const item of iterable) {
        log(label, item);
        count += 1;
        if ((await each(item, count)) === 'break') break;
      }
      log(`${label}: ended`, count);
    } catch (error) {
      log(`${label}: threw`, { after: count, ...failure(error) });
    }
  };

  /** Waits for a number of `unhandledRejection` lines, then long enough for one more to show. */
  const untilUnhandled = async (count) => {
    const seen = () => transcript().lines.filter(([label]) => label === 'unhandledRejection').length;
    for (let waited = 0; seen() < count && waited < 2000; waited += 5) await sleep(5);
    await sleep(20);
  };

  /** Waits until the provider's side has seen a request of this scenario, and as many events of its answer gone out. */
  const untilSeen = async (events = 0) => {
    for (let seen = []; !seen[0] || (seen[0].events ?? 0) < events; await sleep(5))
      seen = await getJson(process.env.SCENARIO_SEEN_URL, settings.defaultHeaders);
  };

  return {
    ...loaded,
    client: makeClient(),
    makeClient,
    line: settings,
    strictURL: process.env.SCENARIO_STRICT_URL,
    log,
    outcome,
    items,
    untilSeen,
    untilUnhandled,
    failure,
    shape,
    method,
    sleep,
    // Request options: how the provider, or the line to it, is to behave.
    fault: (fault, more) => withHeader('x-fake-fault', fault, more),
    answer: (text, more) => withHeader('x-fake-plan', JSON.stringify({ text }), more),
    polls: (count, more) => withHeader('x-fake-plan', JSON.stringify({ polls: count }), more),
    hold: (events, more) => withHeader('x-line', `hold=${events}`, more),
    tool: (call, more) => withHeader('x-line', `tool=${call}`, more),
    ownWords: (more) => withHeader('x-line', 'own-words', more),
  };
}

function withHeader(name, value, more = {}) {
  return { ...more, headers: { [name]: value, ...more.headers } };
}

async function getJson(url, headers) {
  const response = await new Promise((resolve, reject) =>
    get(url, { headers, agent: false }, resolve).on('error', reject),
  );
  let text = '';
  for await (const part of response.setEncoding('utf8')) text += part;
  return JSON.parse(text);
}
