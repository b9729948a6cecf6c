import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { main } from './program.ts';

let home: string;
let server: Server;
let url: string;
let status: number;
let received: { readonly path: string; readonly body: unknown }[];

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'alert-'));
  received = [];
  status = 200;
  server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    received.push({ path: request.url ?? '', body: JSON.parse(text) });
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  rmSync(home, { recursive: true, force: true });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function alertTest(yaml: string, env: Record<string, string>, ...args: string[]): Promise<object> {
  let out = '';
  let err = '';
  writeFileSync(join(home, 'tokenmeter.yaml'), yaml);
  const io = {
    out: (text: string) => {
      out += text;
    },
    err: (text: string) => {
      err += text;
    },
    env,
    cwd: home,
    now: Date.now,
  };
  const code = await main(['alert', 'test', ...args], io);
  return { code, out, err: err.replaceAll(`${home}/`, '') };
}

const SLACK = `environment: staging
alerts:
  slack: { webhook: "\${HOOK}/services/s3cr3t" }
`;

describe('tokenmeter alert test', () => {
  it('sends a test that says that it is one', async () => {
    expect(await alertTest(SLACK, { HOOK: url }, '--channel', 'slack')).toEqual({
      code: 0,
      out: 'slack: sent\n',
      err: '',
    });
    expect(received.map(({ path }) => path)).toEqual(['/services/s3cr3t']);
    const text = JSON.stringify(received[0]?.body);
    expect(text).toContain('Budget tokenmeter-test is over: $6.00 of $5.00 per day');
    expect(text).toContain('This is a test');
    expect(text).toContain('staging');
  });

  it('takes all channels that are set where none is named', async () => {
    const yaml = `alerts:\n  pagerduty: { routingKey: k, url: "${url}/pd" }\n  alertmanager: { url: "${url}" }\n`;
    expect(await alertTest(yaml, {})).toEqual({
      code: 0,
      out: 'pagerduty: sent\nalertmanager: sent\nThe test opened an alert in PagerDuty. Resolve it there.\n',
      err: '',
    });
    expect(received.map(({ path }) => path).sort()).toEqual(['/api/v2/alerts', '/pd']);
  });

  it('says which of all channels is off, tries the others, and ends with code 2', async () => {
    expect(await alertTest(`${SLACK}  webhook: { url: "${url}/hook" }\n`, {})).toEqual({
      code: 2,
      out: 'webhook: sent\n',
      err: 'tokenmeter: tokenmeter.yaml:3: alerts.slack is off: the environment variable HOOK is not set\n',
    });
    expect(received.map(({ path }) => path)).toEqual(['/hook']);
  });

  it('ends with code 1 and says why, without the secret, where a channel does not take it', async () => {
    status = 404;
    const host = new URL(url).host;
    expect(await alertTest(SLACK, { HOOK: url }, '--channel', 'slack', '--channel', 'log')).toEqual({
      code: 1,
      out: expect.stringMatching(/^BUDGET OVER \| budget=tokenmeter-test /),
      err: `tokenmeter: alert not sent to slack: ${host} answered 404\n`,
    });
  });

  it.each([
    [
      'an unset variable',
      SLACK,
      ['--channel', 'slack'],
      'tokenmeter.yaml:3: alerts.slack is off: the environment variable HOOK is not set. Set it',
    ],
    [
      'an unset variable of the only channel',
      SLACK,
      [],
      'tokenmeter.yaml:3: alerts.slack is off: the environment variable HOOK is not set',
    ],
    [
      'a channel without settings',
      'service: x',
      ['--channel', 'webhook'],
      'tokenmeter.yaml has no alerts.webhook. Add e.g.',
    ],
    ['no channel at all', 'service: x', [], 'tokenmeter.yaml names no channel under alerts. Add e.g.'],
    [
      'an unknown channel',
      SLACK,
      ['--channel', 'email'],
      'There is no channel "email" to test. There are: log, slack,',
    ],
  ])('%s ends with code 2 and says what to do', async (_, yaml, args, message) => {
    expect(await alertTest(yaml, {}, ...args)).toEqual({
      code: 2,
      out: '',
      err: expect.stringContaining(`tokenmeter: ${message}`),
    });
    expect(received).toEqual([]);
  });
});
