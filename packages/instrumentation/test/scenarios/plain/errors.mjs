/** Calls that fail, are retried, aborted, or that nobody looks at. */
export const errors = ({ params, streamParams, create, stream, signal, retries }) => {
  const faulty = (makeClient, fault, text, more) => makeClient({ defaultHeaders: fault(text).headers, ...more });
  return [
    ...[400, 429, 500].map((status) => ({
      name: `create ${status}`,
      async run({ makeClient, outcome, log, failure, fault }) {
        const fail = () => create(faulty(makeClient, fault, String(status)), params());
        await outcome('await', fail());
        log('catch', await fail().catch(failure));
        await outcome(
          'finally',
          fail().finally(() => log('finally', true)),
        );
      },
    })),
    {
      name: 'stream 429',
      run: ({ makeClient, outcome, fault }) =>
        outcome('stream', stream(faulty(makeClient, fault, '429'), streamParams())),
    },
    {
      name: 'create 401 fired and forgotten',
      async run({ makeClient, untilUnhandled, fault }) {
        create(faulty(makeClient, fault, '401'), params());
        await untilUnhandled(1);
      },
    },
    {
      name: 'stream 401 fired and forgotten',
      async run({ makeClient, untilUnhandled, fault }) {
        stream(faulty(makeClient, fault, '401'), streamParams());
        await untilUnhandled(1);
      },
    },
    {
      name: 'create 401 with a then that handles no failure',
      async run({ makeClient, log, untilUnhandled, fault }) {
        create(faulty(makeClient, fault, '401'), params()).then(() => log('then', 'ran'));
        await untilUnhandled(1);
      },
    },
    {
      name: 'create fired and forgotten',
      async run({ client, untilSeen, sleep }) {
        create(client, params());
        await untilSeen();
        await sleep(30);
      },
    },
    {
      name: 'create to a closed port',
      run: ({ makeClient, outcome }) =>
        outcome('create', create(makeClient({ baseURL: 'http://127.0.0.1:1' }), params())),
    },
    {
      name: 'create with a body that is no JSON',
      run: ({ makeClient, outcome, fault }) =>
        outcome('create', create(faulty(makeClient, fault, 'truncated'), params())),
    },
    {
      name: 'create with no usage in the answer',
      run: ({ makeClient, outcome, fault }) =>
        outcome('create', create(faulty(makeClient, fault, 'no-usage'), params())),
    },
    ...(signal
      ? [
          {
            name: 'create aborted before the answer',
            async run({ makeClient, outcome, untilSeen, fault }) {
              const controller = new AbortController();
              const client = faulty(makeClient, fault, 'hang');
              const ended = outcome('create', create(client, params(), signal(controller.signal)));
              await untilSeen();
              controller.abort();
              await ended;
            },
          },
        ]
      : []),
    ...(retries
      ? [
          {
            name: 'create retried',
            run: ({ makeClient, outcome, fault }) =>
              outcome('create', create(faulty(makeClient, fault, retries, { maxRetries: 2 }), params())),
          },
        ]
      : []),
  ];
};
