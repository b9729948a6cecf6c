// Runs app.mjs under tokenmeter/register and prints its calls. Without keys a fake provider answers both SDKs.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startFakeProvider } from '@tokenmeter/fake-provider';

const here = fileURLToPath(new URL('.', import.meta.url));
const keys = process.env.OPENAI_API_KEY && process.env.ANTHROPIC_API_KEY;
const fake = keys ? undefined : await startFakeProvider({ chunkDelayMs: 5 });
const environment = {
  ...process.env,
  ...(fake && {
    OPENAI_API_KEY: 'fake',
    OPENAI_BASE_URL: fake.openaiBaseUrl,
    ANTHROPIC_API_KEY: 'fake',
    ANTHROPIC_BASE_URL: fake.anthropicBaseUrl,
  }),
};

await run(['--import', 'tokenmeter/register', 'app.mjs']);
await fake?.close();
await run([fileURLToPath(new URL('cli.mjs', import.meta.resolve('tokenmeter'))), 'calls']);

async function run(args) {
  const child = spawn(process.execPath, args, { cwd: here, env: environment, stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  if (code !== 0) process.exit(code ?? 1);
}
