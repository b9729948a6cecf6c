/** The text behind an address or a path, within bounds of time and size. */
import { statSync } from 'node:fs';
import type { IncomingMessage, RequestOptions } from 'node:http';

export interface DownloadOptions {
  /** Of the answer that is known already. */
  readonly etag?: string;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** Whether the process waits for the answer before it ends. */
  readonly keepAlive: boolean;
}

/** `text` is absent where the server says that nothing changed. */
export interface Download {
  readonly text?: string;
  readonly etag?: string;
}

export function isUrl(from: string): boolean {
  return /^https?:\/\//i.test(from);
}

/** Rejects with an `Error` that says what happened. */
export async function download(from: string, options: DownloadOptions): Promise<Download> {
  if (isUrl(from)) return fromServer(new URL(from), options);
  if (statSync(from).size > options.maxBytes) throw tooLarge(options);
  // Loaded here, and not in every app that has this module.
  const { readFile } = await import('node:fs/promises');
  return { text: await readFile(from, 'utf8') };
}

async function fromServer(url: URL, options: DownloadOptions): Promise<Download> {
  const { request } = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  const { etag, timeoutMs, keepAlive } = options;
  const signal = AbortSignal.timeout(timeoutMs);
  const headers = { accept: 'application/json', ...(etag === undefined ? {} : { 'if-none-match': etag }) };
  const settings: RequestOptions = { signal, headers, agent: false };
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request(url, settings, resolve).on('error', reject);
      // Whoever wants to end should not wait for a price list.
      if (!keepAlive) sent.on('socket', (socket) => socket.unref());
      sent.end();
    });
    return await answerOf(response, options);
  } catch (error) {
    if (signal.aborted) throw new Error(`no answer within ${timeoutMs / 1000} s`);
    throw error;
  }
}

async function answerOf(response: IncomingMessage, options: DownloadOptions): Promise<Download> {
  const { statusCode = 0, headers } = response;
  if (statusCode === 304) {
    response.resume();
    return { etag: options.etag };
  }
  if (statusCode !== 200) {
    response.resume();
    const where = headers.location === undefined ? '' : ` to ${headers.location}: name that address instead`;
    throw new Error(`the server answered ${statusCode}${where}`);
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    size += (chunk as Buffer).length;
    if (size > options.maxBytes) {
      response.destroy();
      throw tooLarge(options);
    }
    chunks.push(chunk as Buffer);
  }
  return { text: Buffer.concat(chunks).toString('utf8'), etag: headers.etag };
}

function tooLarge({ maxBytes }: DownloadOptions): Error {
  return new Error(`it is larger than ${maxBytes / 1_000_000} MB`);
}
