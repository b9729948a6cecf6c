/**
 * A `fetch` for a client that answers from memory. It shows to the microtask when a request leaves, and to the event
 * how much of a stream has been asked for, neither of which a socket can.
 */

export function jsonFetch(body, onCall = () => undefined) {
  return async (url, init) => {
    onCall(url, init);
    return new Response(JSON.stringify(body), {
      status: 200,
      headers: { 'content-type': 'application/json', 'x-request-id': 'req_memory_1' },
    });
  };
}

/** Server-sent events, one for each pull: `pulled()` says how many the reader has asked for. */
export function eventFetch(events) {
  let pulled = 0;
  let canceled = false;
  const encoder = new TextEncoder();
  const fetch = async () => {
    const body = new ReadableStream(
      {
        pull(controller) {
          if (pulled === events.length) return controller.close();
          controller.enqueue(encoder.encode(events[pulled]));
          pulled += 1;
        },
        cancel() {
          canceled = true;
        },
      },
      { highWaterMark: 0 },
    );
    return new Response(body, { status: 200, headers: { 'content-type': 'text/event-stream' } });
  };
  return { fetch, pulled: () => pulled, canceled: () => canceled };
}
