/** Ids for calls that no tracer gave any: W3C trace context, 16 and 8 random bytes in hex. */

function hex32(): string {
  return Math.floor(Math.random() * 0x1_0000_0000)
    .toString(16)
    .padStart(8, '0');
}

export function randomTraceId(): string {
  return hex32() + hex32() + hex32() + hex32();
}

export function randomSpanId(): string {
  return hex32() + hex32();
}
