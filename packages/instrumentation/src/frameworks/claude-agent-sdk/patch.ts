/**
 * @anthropic-ai/claude-agent-sdk: its calls are made by a program of its own, Claude Code. `query` starts it and gives the
 * messages that it sends; they are read as they pass, in the context in which the app called `query`.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { alike } from '../../call/alike.ts';
import { guard } from '../../call/guard.ts';
import type { OwnSdk } from '../../patching/sdk.ts';
import { bag } from '../../providers/read.ts';
import { Session } from './session.ts';

type Query = (this: unknown, ...args: unknown[]) => unknown;

const observing = new WeakSet<object>();

export const claudeAgentSdk: OwnSdk = {
  name: '@anthropic-ai/claude-agent-sdk',
  tested: { from: '0.3.332', to: '0.3.332' },
  rebinds: ['query'],
  rebind(_, query) {
    const observed = alike(observedQuery(query), query);
    observing.add(observed);
    return observed;
  },
  patch(exported) {
    const { query } = bag(exported) ?? {};
    return typeof query === 'function' && observing.has(query) ? ['query'] : undefined;
  },
};

function observedQuery(query: Query): Query {
  return function (...args) {
    const messages = query.apply(this, args);
    guard(() => observe(messages, bag(bag(args[0])?.options)));
    return messages;
  };
}

interface Messages {
  [Symbol.asyncIterator](): AsyncGenerator<unknown>;
}

function observe(messages: unknown, options: Readonly<Record<string, unknown>> | undefined): void {
  const session = new Session(options?.resume !== undefined || options?.continue === true);
  const inContext = AsyncLocalStorage.snapshot();
  const tell = (event: () => void): void => inContext(() => guard(event));
  // The one generator behind every way to read the messages.
  const generator = (messages as Messages)[Symbol.asyncIterator]();
  const { next, return: leave } = generator;
  const hookedNext: typeof next = (...args) =>
    next.apply(generator, args).then(
      (result) => {
        tell(() => (result.done ? session.end('completed') : session.read(result.value)));
        return result;
      },
      (error) => {
        tell(() => session.end('completed'));
        throw error;
      },
    );
  const hookedReturn: typeof leave = (value) => {
    tell(() => session.end('canceled'));
    return leave.call(generator, value);
  };
  generator.next = hookedNext;
  generator.return = hookedReturn;
}
