/**
 * AWS's binary event stream. A message is: its length and its headers' length, the CRC of these two, headers, payload, and
 * the CRC of it all. A header is: length and name, type 7 (text), length and value. Numbers are big-endian.
 */
import { crc32 } from 'node:zlib';

/** An event, its payload as JSON. */
export function eventMessage(type: string, payload: unknown): Uint8Array {
  return message({ ':event-type': type, ':content-type': 'application/json', ':message-type': 'event' }, payload);
}

/** An error that ends the stream. */
export function exceptionMessage(type: string, text: string): Uint8Array {
  const headers = { ':exception-type': type, ':content-type': 'application/json', ':message-type': 'exception' };
  return message(headers, { message: text });
}

/** Bytes that are neither headers nor payload: two lengths and two CRCs. */
const FRAME = 16;

function message(headers: Readonly<Record<string, string>>, payload: unknown): Uint8Array {
  const head = Buffer.concat(Object.entries(headers).map(header));
  const body = Buffer.from(JSON.stringify(payload));
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32BE(head.length + body.length + FRAME, 0);
  lengths.writeUInt32BE(head.length, 4);
  const all = Buffer.concat([lengths, checksum(lengths), head, body]);
  return Buffer.concat([all, checksum(all)]);
}

function header([name, value]: [string, string]): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(value.length);
  return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), Buffer.from([7]), length, Buffer.from(value)]);
}

function checksum(bytes: Uint8Array): Buffer {
  const result = Buffer.alloc(4);
  result.writeUInt32BE(crc32(bytes));
  return result;
}
