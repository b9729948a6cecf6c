export type { Attribution, CallRecord, SpanAttributes } from './record.ts';
