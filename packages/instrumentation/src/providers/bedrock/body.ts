/** InvokeModel's bodies are bytes of JSON, whoever made the model. */
import { type Bag, bag } from '../read.ts';

/** Longer ones are images and documents: reading them costs more than it tells. */
const LONGEST = 4 << 20;

/** The object in a text or in bytes; undefined where there is none. */
export function parseBody(body: unknown): Bag | undefined {
  const text = textOf(body);
  if (text === undefined || text.length > LONGEST) return undefined;
  try {
    return bag(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function textOf(body: unknown): string | undefined {
  if (typeof body === 'string') return body;
  if (!(body instanceof Uint8Array) || body.length > LONGEST) return undefined;
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
}
