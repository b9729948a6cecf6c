/** Where an event of a stream ends, in each of the forms in which providers send them. */
import type { IncomingMessage } from 'node:http';

type Cut = (response: IncomingMessage) => AsyncGenerator<Buffer>;

/** Length of the event at the start of what has come, once it is whole. */
type Measure = (bytes: Buffer) => number | undefined;

const endingWith =
  (mark: string): Measure =>
  (bytes) => {
    const at = bytes.indexOf(mark);
    return at === -1 ? undefined : at + mark.length;
  };

/** AWS writes the length first. */
const announced: Measure = (bytes) => {
  const length = bytes.length < 4 ? Number.POSITIVE_INFINITY : bytes.readUInt32BE(0);
  return length <= bytes.length ? length : undefined;
};

const FORMS: readonly (readonly [type: string, measure: Measure])[] = [
  ['text/event-stream', endingWith('\n\n')],
  ['application/x-ndjson', endingWith('\n')],
  ['application/vnd.amazon.eventstream', announced],
];

/** How a response of that type is cut into its events; undefined where it is no stream. */
export function cutterOf(contentType: string | undefined): Cut | undefined {
  const measure = FORMS.find(([type]) => contentType?.startsWith(type))?.[1];
  return measure && ((response) => eventsOf(response, measure));
}

async function* eventsOf(response: IncomingMessage, measure: Measure): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const bytes of response) {
    rest = Buffer.concat([rest, bytes as Buffer]);
    for (let length = measure(rest); length !== undefined; length = measure(rest)) {
      yield rest.subarray(0, length);
      rest = rest.subarray(length);
    }
  }
  if (rest.length > 0) yield rest;
}
