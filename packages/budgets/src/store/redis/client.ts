/**
 * The client of Redis: the app's own package `redis` or `ioredis`, loaded when it is needed. Nothing is queued while it is
 * not connected: a decision that cannot be asked for is made without it.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';

export interface RedisClient {
  /** Settles with the first connection, or rejects where there is none; the client goes on trying. */
  readonly connected: Promise<unknown>;
  /** Rejects at once while there is no connection. */
  command(args: readonly string[]): Promise<unknown>;
  close(): void;
}

export type RedisPackage = 'redis' | 'ioredis';

const CONNECT_MS = 2000;
const MOST_RECONNECT_MS = 2000;

/** Throws where neither package is installed. `onError` is told of every failure of the connection. */
export async function openClient(
  url: string,
  wanted: RedisPackage | undefined,
  onError: (error: unknown) => void,
): Promise<RedisClient> {
  const names: readonly RedisPackage[] = wanted ? [wanted] : ['redis', 'ioredis'];
  for (const name of names) {
    const found = load(name);
    if (found !== undefined) return name === 'redis' ? nodeRedis(found, url, onError) : ioRedis(found, url, onError);
  }
  throw new Error(`the package ${names.join(' or ')} is not installed: npm install ${names[0]}`);
}

/** From the app first, then from where this package is. */
function load(name: RedisPackage): Readonly<Record<string, unknown>> | undefined {
  for (const from of [join(process.cwd(), 'package.json'), import.meta.url]) {
    try {
      return createRequire(from)(name) as Readonly<Record<string, unknown>>;
    } catch {
      // Elsewhere, perhaps.
    }
  }
  return undefined;
}

interface NodeRedis {
  on(event: 'error', listener: (error: unknown) => void): void;
  connect(): Promise<unknown>;
  sendCommand(args: readonly string[]): Promise<unknown>;
  destroy?(): void;
  disconnect?(): Promise<unknown>;
}

/** A client that retries reports its failures as events only. */
function firstError(
  client: { on(event: 'error', listener: (error: unknown) => void): void },
  onError: (error: unknown) => void,
): Promise<never> {
  const failed = new Promise<never>((_, reject) => {
    client.on('error', (error) => {
      reject(error);
      onError(error);
    });
  });
  failed.catch(() => {});
  return failed;
}

async function nodeRedis(
  { createClient }: { readonly createClient?: unknown },
  url: string,
  onError: (error: unknown) => void,
): Promise<RedisClient> {
  if (typeof createClient !== 'function')
    throw new Error('the package redis has no createClient: version 4 or newer is needed');
  const client = createClient({
    url,
    disableOfflineQueue: true,
    socket: {
      connectTimeout: CONNECT_MS,
      reconnectStrategy: (tries: number) => Math.min(50 * 2 ** tries, MOST_RECONNECT_MS),
    },
  }) as NodeRedis;
  const failed = firstError(client, onError);
  return {
    connected: Promise.race([client.connect(), failed]),
    command: (args) => client.sendCommand(args),
    close: () => {
      try {
        if (client.destroy) client.destroy();
        else client.disconnect?.().catch(() => {});
      } catch {
        // It was closed already.
      }
    },
  };
}

interface IoRedis {
  on(event: 'error', listener: (error: unknown) => void): void;
  connect(): Promise<unknown>;
  call(command: string, ...args: readonly string[]): Promise<unknown>;
  disconnect(): void;
}

async function ioRedis(
  exported: Readonly<Record<string, unknown>>,
  url: string,
  onError: (error: unknown) => void,
): Promise<RedisClient> {
  const Redis = (exported.Redis ?? exported.default ?? exported) as new (url: string, options: object) => IoRedis;
  const client = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_MS,
    retryStrategy: (tries: number) => Math.min(50 * 2 ** tries, MOST_RECONNECT_MS),
  });
  const failed = firstError(client, onError);
  return {
    connected: Promise.race([client.connect(), failed]),
    command: ([command = '', ...args]) => client.call(command, ...args),
    close: () => client.disconnect(),
  };
}
