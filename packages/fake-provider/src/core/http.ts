/** The plain parts of HTTP: reading a body, answering in JSON. */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** The whole body as text; undefined when the client left before its end. */
export async function readAll(message: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  try {
    for await (const part of message) parts.push(part as Buffer);
  } catch {
    return undefined;
  }
  return Buffer.concat(parts).toString('utf8');
}

/** A JSON answer in one piece. */
export function answerJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': String(bytes.length),
    ...headers,
  });
  response.end(bytes);
}

/** An answer of the fake provider itself, not of the API that it plays. */
export function explain(response: ServerResponse, status: number, problem: string): void {
  answerJson(response, status, { error: { message: `fake provider: ${problem}`, type: 'fake_provider_error' } });
}
