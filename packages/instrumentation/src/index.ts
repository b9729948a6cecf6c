export type { Admission, CallRequest, Sink } from './plugs.ts';
