/**
 * The app's OpenTelemetry LoggerProvider, if it has one. The logs API is part of `@opentelemetry/api` from 1.10 on; before,
 * it was a package of its own, whose global is found under its symbol.
 */
import * as api from '@opentelemetry/api';

/** What a logger is asked for here. */
interface LoggerLike {
  emit(record: Readonly<Record<string, unknown>>): void;
}

interface LoggerProviderLike {
  getLogger(name: string): LoggerLike;
}

/** The key and the version of its shape, as `@opentelemetry/api-logs` has them up to the 2.x line. */
const API_LOGS = Symbol.for('io.opentelemetry.js.api.logs');
const API_LOGS_VERSION = 1;

const SCOPE = 'tokenmeter';

/** Emits nothing where the app has no provider. Throws what the provider throws. */
export function emitLog(record: Readonly<Record<string, unknown>>): void {
  (ofApiLogs() ?? ofApi())?.getLogger(SCOPE).emit(record);
}

function ofApi(): LoggerProviderLike | undefined {
  const logs: unknown = Reflect.get(api, 'logs');
  return isObject(logs) ? providerOf(Reflect.get(logs, 'getLoggerProvider'), logs) : undefined;
}

function ofApiLogs(): LoggerProviderLike | undefined {
  return providerOf(Reflect.get(globalThis, API_LOGS), undefined, API_LOGS_VERSION);
}

function providerOf(get: unknown, self: unknown, ...args: unknown[]): LoggerProviderLike | undefined {
  if (typeof get !== 'function') return undefined;
  const provider: unknown = Reflect.apply(get, self, args);
  return isObject(provider) && typeof Reflect.get(provider, 'getLogger') === 'function'
    ? (provider as unknown as LoggerProviderLike)
    : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
