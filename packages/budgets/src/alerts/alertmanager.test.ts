/** Against the real program: Debian's prometheus-alertmanager, or alertmanager, on the PATH. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildAlerts } from './alerts.ts';
import { edgeOf, tenantEdge } from './edges.fixture.ts';
import { type Receiver, startReceiver } from './receiver.fixture.ts';
import type { Alerts, BudgetEdge } from './types.ts';

const PROGRAM = ['prometheus-alertmanager', 'alertmanager'].find(
  (name) => spawnSync(name, ['--version']).error === undefined,
);
if (PROGRAM === undefined) {
  process.stderr.write(
    '\nSKIPPED: no Alertmanager on the PATH. On Debian: apt-get install -y prometheus-alertmanager\n\n',
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe.skipIf(PROGRAM === undefined)('a real Alertmanager', () => {
  let folder: string;
  let url: string;
  let port: number;
  let program: ChildProcess;
  let hook: Receiver;
  const lines: string[] = [];

  async function startProgram(): Promise<void> {
    program = spawn(
      PROGRAM ?? '',
      [
        `--config.file=${join(folder, 'config.yml')}`,
        `--storage.path=${join(folder, `data-${Date.now()}`)}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--cluster.listen-address=',
      ],
      { stdio: 'ignore' },
    );
    await eventually(async () => (await fetch(`${url}/-/ready`)).ok);
  }

  async function stopProgram(): Promise<void> {
    program.kill('SIGKILL');
    await once(program, 'exit');
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'alertmanager-'));
    hook = await startReceiver();
    port = await freePort();
    url = `http://127.0.0.1:${port}`;
    writeFileSync(
      join(folder, 'config.yml'),
      `route: { receiver: hook, group_by: [alertname, tokenmeter_budget_name], group_wait: 300ms, group_interval: 1s }
receivers: [{ name: hook, webhook_configs: [{ url: '${hook.url}', send_resolved: true }] }]\n`,
    );
    await startProgram();
  });
  afterAll(async () => {
    await stopProgram();
    await hook.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function alerts(keepUpMs = 60_000): Alerts {
    return buildAlerts(
      { settings: { alertmanager: { url } }, log: (line) => lines.push(line) },
      { groupMs: 300_000, keepUpMs, timeoutMs: 3000, backoffMs: 50, quietMs: 3_600_000 },
    );
  }

  async function active(): Promise<
    { labels: Record<string, string>; endsAt: string; annotations: Record<string, string> }[]
  > {
    return (await fetch(`${url}/api/v2/alerts?active=true`)).json() as never;
  }

  const at = Date.now() - 1000;
  const end = Date.now() + 3_600_000;
  const more: Partial<BudgetEdge> = {
    at,
    window: { kind: 'calendar', start: at, end, resetsAt: end },
    actions: ['alertmanager'],
  };

  it('takes a budget as one alert, from however many processes, and ends it on RESET', async () => {
    const [one, other] = [alerts(), alerts()];
    one.tell(edgeOf(more));
    other.tell(edgeOf({ ...more, identity: { store: 'store-2' }, traceId: 'f'.repeat(32) }));
    await Promise.all([one.flush(), other.flush()]);
    await eventually(async () => (await active()).length > 0);
    const [alert, ...rest] = await active();
    expect(rest).toEqual([]);
    expect(alert?.labels).toMatchObject({ tokenmeter_budget_name: 'agent-copilot', severity: 'critical' });
    expect(Date.parse(alert?.endsAt ?? '')).toBe(end);
    const [firing] = await hook.until(1);
    expect(firing?.body).toMatchObject({ status: 'firing' });

    one.tell(edgeOf({ ...more, state: 'RESET', crossed: [1] }));
    await one.flush();
    await eventually(async () => (await active()).length === 0);
    expect((await hook.until(2))[1]?.body).toMatchObject({ status: 'resolved' });
    expect(lines).toEqual([]);
  });

  it('has it again after a restart, because it is pushed for as long as it holds', async () => {
    const pushing = alerts(200);
    pushing.tell(tenantEdge('acme', more));
    pushing.tell(tenantEdge('bolt', { ...more, state: 'WARN', threshold: 0.8 }));
    await eventually(async () => (await active()).length === 2);
    await stopProgram();
    await startProgram();
    await eventually(async () => (await active()).length === 2);
    expect((await active()).map(({ labels }) => labels.tokenmeter_budget_scope_value).sort()).toEqual(['acme', 'bolt']);
    for (const tenant of ['acme', 'bolt']) {
      pushing.tell(tenantEdge(tenant, { ...more, state: 'RESET', crossed: [0.8, 1] }));
    }
    await pushing.flush();
    await eventually(async () => (await active()).length === 0);
  });

  it('ends it by itself with the window', async () => {
    const ends = Date.now() + 1500;
    const short = alerts();
    short.tell(edgeOf({ ...more, window: { kind: 'calendar', start: at, end: ends } }));
    await short.flush();
    await eventually(async () => (await active()).length === 1);
    await eventually(async () => (await active()).length === 0);
    expect(Date.now()).toBeGreaterThanOrEqual(ends);
  });
});

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; ; tries++) {
    if (await holds().catch(() => false)) return;
    if (tries > 200) throw new Error('it never came to be');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
