/** Streams of the AI SDK's models: their parts -> state, and how they are watched. */
import type { Call } from '../../call/call.ts';
import { errorType } from '../../call/errors.ts';
import type { Endpoint, ResponseFacts, StreamReader } from '../../call/facts.ts';
import { guard } from '../../call/guard.ts';
import type { Settle } from '../../call/observe-plain.ts';
import { type Bag, bag, text } from '../../providers/read.ts';
import { type Api, readResult } from './response.ts';
import type { StreamResult } from './types.ts';

export function partReader(api: Api | undefined, endpoint: Endpoint): StreamReader {
  let response: Bag | undefined;
  let finish: Bag | undefined;
  let error: string | undefined;
  let outputCharacters = 0;
  return {
    read(value) {
      const part = bag(value);
      if (part?.type === 'response-metadata') response = part;
      else if (part?.type === 'finish') finish = part;
      else if (part?.type === 'error') error = errorType(part.error);
      else outputCharacters += text(part?.delta)?.length ?? 0;
    },
    facts: () => ({
      ...readResult({ ...finish, response }, api, endpoint),
      partial: finish === undefined ? true : undefined,
      error,
      outputCharacters,
    }),
  };
}

/** Nobody can reach the stream any more. */
const dropped = new FinalizationRegistry<Call>((call) => call.end('abandoned'));

/** The app gets a stream with the same parts, each asked for when the app asks. */
export const settleStream: Settle = (value, call) => {
  const result = value as StreamResult;
  const reader = call.streamReader();
  if (reader && result.stream instanceof ReadableStream) result.stream = watched(result.stream, call, reader);
  else call.complete(value);
};

function watched(stream: ReadableStream<unknown>, call: Call, reader: StreamReader): ReadableStream<unknown> {
  const source = stream.getReader();
  const facts = (): ResponseFacts | undefined => guard(() => reader.facts());
  const seen = new ReadableStream<unknown>(
    {
      async pull(controller) {
        try {
          const { done, value } = await source.read();
          if (done) {
            complete(call, facts());
            controller.close();
            return;
          }
          guard(() => {
            call.firstChunk();
            reader.read(value);
            // The AI SDK's own span ends with this part, and ours are attributes of it.
            if (bag(value)?.type === 'finish') complete(call, facts());
          });
          controller.enqueue(value);
        } catch (error) {
          call.fail(error, facts());
          controller.error(error);
        }
      },
      cancel(reason) {
        call.end('canceled', facts());
        return source.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
  dropped.register(seen, call);
  return seen;
}

function complete(call: Call, facts: ResponseFacts | undefined): void {
  call.end(facts?.error === undefined ? 'completed' : 'failed', facts);
}
