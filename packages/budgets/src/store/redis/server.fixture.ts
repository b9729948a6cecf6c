/** A real `redis-server` for tests, on a port of its own and without a disk. */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { promisify } from 'node:util';

/** Whether the machine has one. `.ci/run` installs it and allows no skip. */
export const HAS_REDIS: boolean = spawnSync('redis-server', ['--version']).status === 0;

if (!HAS_REDIS)
  process.stderr.write('SKIPPED: the tests of budgets over Redis need redis-server (apt-get install redis-server)\n');

export interface RedisServer {
  readonly url: string;
  readonly child: ChildProcess;
  /** Runs a command with `redis-cli`. */
  cli(...args: string[]): string;
  /** The same without blocking the event loop. */
  ask(...args: string[]): Promise<string>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export async function redisServer(): Promise<RedisServer> {
  const port = await freePort();
  const login = ['-p', String(port), '-a', 's3cr3t', '--no-auth-warning'];
  let child: ChildProcess;
  const server: RedisServer = {
    url: `redis://:s3cr3t@127.0.0.1:${port}/0`,
    get child() {
      return child;
    },
    cli: (...args) => spawnSync('redis-cli', [...login, ...args], { encoding: 'utf8' }).stdout.trim(),
    ask: async (...args) => (await promisify(execFile)('redis-cli', [...login, ...args])).stdout.trim(),
    async start() {
      const options = ['--port', String(port), '--save', '', '--appendonly', 'no', '--requirepass', 's3cr3t'];
      child = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'inherit'] });
      for await (const data of child.stdout ?? []) if (String(data).includes('Ready to accept')) break;
    },
    async stop() {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
  await server.start();
  return server;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
