// Starts both services under tokenmeter/register, visits them, stops them, and prints the report.
// Without OPENAI_API_KEY a fake provider answers: no key, no cost, no network.
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { startFakeProvider } from '@tokenmeter/fake-provider';

const here = fileURLToPath(new URL('.', import.meta.url));
const fake = process.env.OPENAI_API_KEY ? undefined : await startFakeProvider();
const [shopPort, rankerPort] = [await freePort(), await freePort()];
const log = openSync(new URL('spans.log', import.meta.url), 'w');

const environment = {
  ...process.env,
  ...(fake && { OPENAI_API_KEY: 'fake', OPENAI_BASE_URL: fake.openaiBaseUrl }),
  RANKER_URL: `http://127.0.0.1:${rankerPort}`,
};
// Routes and baggage come from OpenTelemetry's HTTP instrumentations, which run when traces go somewhere: to your
// OTEL_EXPORTER_OTLP_ENDPOINT, or, without one, to the file spans.log.
if (!environment.OTEL_EXPORTER_OTLP_ENDPOINT) environment.OTEL_TRACES_EXPORTER = 'console';

const services = [serve('ranker.js', rankerPort), serve('shop.js', shopPort)];
await Promise.all(services.map((service) => once(service, 'message')));

const shop = `http://127.0.0.1:${shopPort}`;
for (const path of ['/search?q=tea', '/search?q=cups', '/product/7/summary', '/recommend']) {
  const answer = await fetch(shop + path);
  console.log(`${answer.status} GET ${path}`);
}

for (const service of services) service.kill('SIGTERM');
await Promise.all(services.map((service) => once(service, 'exit')));
await fake?.close();

const cli = fileURLToPath(new URL('cli.mjs', import.meta.resolve('tokenmeter')));
const report = spawnSync(process.execPath, [cli, 'report', '--by', 'feature,team'], { cwd: here, stdio: 'inherit' });
process.exitCode = report.status ?? 1;

function serve(file, port) {
  return fork(file, {
    cwd: here,
    execArgv: ['--require', 'tokenmeter/register'],
    env: { ...environment, PORT: String(port), OTEL_SERVICE_NAME: file.replace('.js', '') },
    stdio: ['ignore', log, 'inherit', 'ipc'],
  });
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}
