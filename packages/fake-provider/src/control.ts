/** The server's own addresses: `GET /__fake/served`, `DELETE /__fake/served`, `POST /__fake/next`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FakeProviderApp } from './app.ts';
import { answerJson, explain, readAll } from './core/http.ts';
import { parsePlan } from './core/plan.ts';

export const CONTROL_PREFIX = '/__fake/';

/** Answers a request under {@link CONTROL_PREFIX}. These requests are not counted. */
export async function answerControl(
  app: FakeProviderApp,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const address = `${message.method} ${message.url}`;
  const source = (await readAll(message)) ?? '';
  switch (address) {
    case 'GET /__fake/served':
      return answerJson(response, 200, app.register.read());
    case 'DELETE /__fake/served':
      app.reset();
      return answerJson(response, 200, app.register.read());
    case 'POST /__fake/next':
      try {
        app.planner.push(parsePlan(source));
      } catch (error) {
        return explain(response, 400, String(error));
      }
      return answerJson(response, 200, {});
    default:
      return explain(response, 404, `nothing at ${address}`);
  }
}
