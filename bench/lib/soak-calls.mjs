/**
 * The calls of the soak: which kind the n-th call is, and by which API it is made. Everything follows from its number, so
 * that each run makes the same calls.
 */

/** Of each twenty calls: two errors, two broken streams, one whose answer nobody reads; the rest arrives whole. */
const TWENTY = ['refused', 'failed', 'broken', 'broken', 'unread', 'retried', ...Array(14).fill('whole')];

/** What the fake provider does to calls of a kind; `which` tells calls of one kind apart. */
const FAULTS = {
  refused: (which) => ['400', '401', '429; code=insufficient_quota'][which % 3],
  failed: () => '500',
  // The app itself leaves every fourth one: see `leave`.
  broken: (which) => ['disconnect; after=2', 'error-event; after=2', 'disconnect; after=3', undefined][which % 4],
  retried: () => '500; first=1; retry-after=0.001',
};

const PROMPT = 'What does the meter say of the last hour, and what of the one before it? ';

/**
 * `open` makes the call: its answer, or a stream to iterate. `retries`: the SDK retries by itself. `waits`: the SDK reads
 * the answer whether or not the app does, so an answer cannot stay unread.
 */
const APIS = [
  {
    stream: false,
    retries: true,
    open: ({ openai }, { prompt, options }) =>
      openai.chat.completions.create({ model: 'gpt-4o-mini', max_tokens: 40, messages: user(prompt) }, options),
  },
  {
    stream: true,
    retries: true,
    open: ({ openai }, { prompt, options }) =>
      openai.chat.completions.create(
        { model: 'gpt-4.1-mini', max_tokens: 40, stream: true, messages: user(prompt) },
        options,
      ),
  },
  {
    stream: true,
    retries: true,
    open: ({ openai }, { prompt, options }) =>
      openai.responses.create({ model: 'gpt-4o-mini', max_output_tokens: 40, stream: true, input: prompt }, options),
  },
  {
    stream: false,
    retries: true,
    open: ({ openai }, { prompt, options }) =>
      openai.embeddings.create({ model: 'text-embedding-3-small', dimensions: 8, input: prompt }, options),
  },
  {
    stream: false,
    retries: true,
    open: ({ anthropic }, { prompt, options }) =>
      anthropic.messages.create({ model: 'claude-haiku-4-5', max_tokens: 40, messages: user(prompt) }, options),
  },
  {
    stream: true,
    retries: true,
    open: ({ anthropic }, { prompt, options }) =>
      anthropic.messages.create(
        {
          model: 'claude-sonnet-4-6',
          max_tokens: 40,
          stream: true,
          system: [{ type: 'text', text: prompt, cache_control: { type: 'ephemeral' } }],
          messages: user(PROMPT),
        },
        options,
      ),
  },
  {
    stream: false,
    waits: true,
    open: ({ google }, { prompt, options: { headers } }) =>
      google.models.generateContent({
        model: 'gemini-2.5-flash',
        contents: prompt,
        config: { maxOutputTokens: 40, httpOptions: { headers } },
      }),
  },
  {
    stream: true,
    open: ({ google }, { prompt, options: { headers } }) =>
      google.models.generateContentStream({
        model: 'gemini-2.5-flash',
        contents: prompt,
        config: { maxOutputTokens: 40, httpOptions: { headers } },
      }),
  },
];

const FITS = {
  broken: APIS.filter(({ stream }) => stream),
  unread: APIS.filter(({ waits }) => !waits),
  retried: APIS.filter(({ retries }) => retries),
};

/** The n-th call: its kind, and `make(clients)`, which settles when the app is done with it. */
export function callOf(n) {
  const kind = TWENTY[n % TWENTY.length];
  const which = Math.floor(n / TWENTY.length) + (n % TWENTY.length);
  const apis = FITS[kind] ?? APIS;
  const api = apis[which % apis.length];
  const fault = FAULTS[kind]?.(Math.floor(which / apis.length));
  const request = {
    // Every fifth prompt is long enough to be cached.
    prompt: `${n}: ${PROMPT.repeat(n % 5 === 0 ? 80 : 2)}`,
    options: {
      maxRetries: kind === 'retried' ? 2 : 0,
      headers: { 'x-soak-id': String(n), 'x-fake-plan': JSON.stringify({ chunks: 5, fault }) },
    },
  };
  const open = (clients) => api.open(clients, request);
  if (kind === 'unread') return { kind, make: (clients) => leaveUnread(open(clients), api.stream) };
  if (kind === 'broken' && fault === undefined) return { kind, make: (clients) => leave(open(clients)) };
  return { kind, make: (clients) => read(open(clients), api.stream) };
}

function user(content) {
  return [{ role: 'user', content }];
}

/** True if it arrived whole. */
async function read(opened, isStream) {
  try {
    const answer = await opened;
    if (isStream) for await (const _ of answer);
    return true;
  } catch {
    return false;
  }
}

/** Leaves in the middle of a stream. */
async function leave(opened) {
  let events = 0;
  for await (const _ of await opened) if (++events === 2) return false;
  return false;
}

/** A stream that is taken and not read; an answer that is not even awaited. */
async function leaveUnread(opened, isStream) {
  if (isStream) await opened;
  return false;
}
