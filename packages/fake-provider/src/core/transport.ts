/** Sends an answer, with the faults that concern the sending: spacing, dead sockets, hanging, half bodies. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import type { Answer, Frame } from './exchange.ts';
import type { ReadyPlan } from './plan.ts';
import type { OpenEntry, ServedOutcome } from './served.ts';

/** How sending ended. */
export type SendOutcome = Exclude<ServedOutcome, 'open' | 'refused'>;

/** What the transport needs to know. */
export interface Sending {
  readonly response: ServerResponse;
  readonly headers: Readonly<Record<string, string>>;
  readonly answer: Answer;
  readonly plan: ReadyPlan;
  readonly entry: OpenEntry;
  /** The error event of the provider, after so many events. */
  errorFrame(sent: number): Frame;
}

/** Waits, or less when the client leaves. False when it left. */
export async function pause(response: ServerResponse, milliseconds: number): Promise<boolean> {
  const left = new AbortController();
  const leave = (): void => left.abort();
  response.once('close', leave);
  try {
    if (!response.destroyed) await sleep(milliseconds, undefined, { signal: left.signal });
  } catch {
    return false;
  } finally {
    response.off('close', leave);
  }
  return !response.destroyed;
}

/** Waits until the client gives up. */
export async function hang(response: ServerResponse): Promise<'canceled'> {
  if (!response.destroyed) await once(response, 'close');
  return 'canceled';
}

/** Kills the socket, after what was written has left. */
export function disconnect(response: ServerResponse): 'broken' {
  response.socket?.destroy();
  return 'broken';
}

/** A body in one piece. */
export async function sendWhole(sending: Sending): Promise<SendOutcome> {
  const { response, answer, plan, headers, entry } = sending;
  const { type, data: whole } = answer.raw ?? {
    type: 'application/json',
    data: Buffer.from(JSON.stringify(answer.body)),
  };
  const half = whole.subarray(0, Math.floor(whole.length / 2));
  const fault = plan.fault;
  const truncated = fault?.kind === 'truncated';
  const length = String(truncated ? half.length : whole.length);
  response.writeHead(200, { 'content-type': type, 'content-length': length, ...headers });
  entry.status = 200;
  if (fault?.kind === 'disconnect' || fault?.kind === 'hang') {
    await write(response, half);
    return fault.kind === 'hang' ? hang(response) : disconnect(response);
  }
  if (response.destroyed) return 'canceled';
  response.end(truncated ? half : whole);
  return truncated ? 'broken' : 'completed';
}

/** A stream, one event at a time and never faster than the client reads. */
export async function sendStream(sending: Sending, frames: readonly Frame[]): Promise<SendOutcome> {
  const { response, plan, headers, entry } = sending;
  const fault = plan.fault;
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    ...headers,
  });
  response.flushHeaders();
  entry.status = 200;
  entry.chunks = { sent: 0, total: frames.length };
  for (const [index, frame] of frames.entries()) {
    if (index > 0 && !(await space(response, plan.chunkDelayMs ?? 0))) return 'canceled';
    if (fault && 'after' in fault && fault.after === index) break;
    const last = index === frames.length - 1;
    const cut = last && fault?.kind === 'truncated';
    if (!(await write(response, cut ? frame.slice(0, Math.floor(frame.length / 2)) : frame))) return 'canceled';
    entry.chunks = { sent: index + 1, total: frames.length };
  }
  return finish(sending);
}

async function finish({ response, plan, entry, errorFrame }: Sending): Promise<SendOutcome> {
  switch (plan.fault?.kind) {
    case 'error-event':
      response.end(errorFrame(entry.chunks.sent));
      return 'broken';
    case 'disconnect':
      return disconnect(response);
    case 'hang':
      return hang(response);
    case 'truncated':
      response.end();
      return 'broken';
    default:
      response.end();
      return 'completed';
  }
}

/** Without a delay the loop still turns, so that each event is a chunk of its own for the client. */
async function space(response: ServerResponse, milliseconds: number): Promise<boolean> {
  if (milliseconds > 0) return pause(response, milliseconds);
  await turn();
  return !response.destroyed;
}

/**
 * Resolves when the bytes are with the operating system; false when the client has left, of which the callback of a write
 * is not always told.
 */
function write(response: ServerResponse, bytes: Frame): Promise<boolean> {
  return new Promise((resolve) => {
    if (response.destroyed) return resolve(false);
    const leave = (): void => resolve(false);
    response.once('close', leave);
    response.write(bytes, (error) => {
      response.off('close', leave);
      resolve(!error);
    });
  });
}
