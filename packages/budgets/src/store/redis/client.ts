/**
 * The client of Redis: the app's own package `redis` or `ioredis`, loaded when it is needed. It makes one connection and
 * queues nothing; who connects again is `connection.ts`, since what the packages do themselves keeps a process alive.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';

export interface RedisClient {
  /** Settles with the connection, or rejects where there is none. */
  readonly connected: Promise<unknown>;
  /** Rejects at once while there is no connection. */
  command(args: readonly string[]): Promise<unknown>;
  /** Whether the connection keeps the process alive. */
  hold(alive: boolean): void;
  close(): void;
}

export type RedisPackage = 'redis' | 'ioredis';

/** Throws where neither package is installed. `onError` is told of every failure of the connection. */
export function openClient(
  url: string,
  wanted: RedisPackage | undefined,
  connectMs: number,
  onError: (error: unknown) => void,
): RedisClient {
  const names: readonly RedisPackage[] = wanted ? [wanted] : ['redis', 'ioredis'];
  for (const name of names) {
    const found = load(name);
    if (found !== undefined) return MAKERS[name](found, url, connectMs, onError);
  }
  throw new Error(`the package ${names.join(' or ')} is not installed: npm install ${names[0]}`);
}

type Exported = Readonly<Record<string, unknown>>;

/** From the app first, then from where this package is. */
function load(name: RedisPackage): Exported | undefined {
  for (const from of [join(process.cwd(), 'package.json'), import.meta.url]) {
    try {
      return createRequire(from)(name) as Exported;
    } catch {
      // Elsewhere, perhaps.
    }
  }
  return undefined;
}

type Maker = (exported: Exported, url: string, connectMs: number, onError: (error: unknown) => void) => RedisClient;

const MAKERS: Readonly<Record<RedisPackage, Maker>> = { redis: nodeRedis, ioredis: ioRedis };

interface Emitter {
  on(event: string, listener: (error: unknown) => void): void;
}

/** A client reports failures as events, too: without a listener they would be thrown. */
function firstFailure(client: Emitter, onError: (error: unknown) => void): Promise<never> {
  const failed = new Promise<never>((_, reject) => {
    client.on('error', (error) => {
      reject(error);
      onError(error);
    });
  });
  failed.catch(() => {});
  return failed;
}

interface NodeRedis extends Emitter {
  connect(): Promise<unknown>;
  sendCommand(args: readonly string[]): Promise<unknown>;
  ref(): void;
  unref(): void;
  destroy?(): void;
  disconnect?(): Promise<unknown>;
}

function nodeRedis(
  { createClient }: Exported,
  url: string,
  connectTimeout: number,
  onError: (error: unknown) => void,
): RedisClient {
  if (typeof createClient !== 'function') {
    throw new Error('the package redis has no createClient: version 4 or newer is needed');
  }
  const socket = { connectTimeout, reconnectStrategy: false };
  const client = createClient({ url, disableOfflineQueue: true, socket }) as NodeRedis;
  const failed = firstFailure(client, onError);
  return {
    connected: Promise.race([client.connect(), failed]),
    command: (args) => client.sendCommand(args),
    hold: (alive) => (alive ? client.ref() : client.unref()),
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

interface IoRedis extends Emitter {
  readonly stream?: { ref?(): void; unref?(): void };
  connect(): Promise<unknown>;
  call(command: string, ...args: readonly string[]): Promise<unknown>;
  disconnect(): void;
}

function ioRedis(
  exported: Exported,
  url: string,
  connectTimeout: number,
  onError: (error: unknown) => void,
): RedisClient {
  const Redis = (exported.Redis ?? exported.default ?? exported) as new (url: string, options: object) => IoRedis;
  const client = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout,
    retryStrategy: () => null,
  });
  const failed = firstFailure(client, onError);
  return {
    connected: Promise.race([client.connect(), failed]),
    command: ([command = '', ...args]) => client.call(command, ...args),
    hold: (alive) => (alive ? client.stream?.ref?.() : client.stream?.unref?.()),
    close: () => client.disconnect(),
  };
}
