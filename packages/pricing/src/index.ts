export * from './types.ts';
export * from './usage/index.ts';
