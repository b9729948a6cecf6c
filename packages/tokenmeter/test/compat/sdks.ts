/** Each SDK and framework in each version that the tests know, in both module systems: one turn of each. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ProviderName } from '@tokenmeter/fake-provider';
import { AppFolder } from '../harness.ts';
import { ROOT } from '../packed-project.ts';
import type { Cell } from './cell.ts';
import { installedVersion } from './project.ts';

export const SDKS = 'SDKs and frameworks';

const PROJECTS = join(ROOT, 'packages', 'instrumentation', 'sdks');
const REGISTER = join(ROOT, 'packages', 'tokenmeter', 'dist', 'register.cjs');
const CLAUDE_CODE = join(import.meta.dirname, '..', 'fake-claude-code.mjs');

interface App {
  readonly package: string;
  /** By major; an older line has its first tested version in its name. */
  readonly folders: readonly string[];
  readonly provider: ProviderName | 'none';
  /** Default 1. */
  readonly calls?: number;
  /** `load(name)` gives a module, `url` is the provider's. */
  readonly lines: string;
}

const MESSAGES = `messages: [{ role: 'user', content: 'hi' }]`;

const APPS: readonly App[] = [
  {
    package: 'openai',
    folders: ['openai-4', 'openai-5', 'openai-6', 'openai-7'],
    provider: 'openai',
    lines: `const { OpenAI } = await load('openai');
      await new OpenAI({ apiKey: 'x', baseURL: url }).chat.completions.create({ model: 'gpt-4o-mini', ${MESSAGES} });`,
  },
  {
    package: '@anthropic-ai/sdk',
    folders: ['anthropic-0.30', 'anthropic-0', 'anthropic-1'],
    provider: 'anthropic',
    lines: `const { Anthropic } = await load('@anthropic-ai/sdk');
      await new Anthropic({ apiKey: 'x', baseURL: url }).messages.create({ model: 'claude-haiku-4-5', max_tokens: 9, ${MESSAGES} });`,
  },
  {
    package: '@anthropic-ai/bedrock-sdk',
    folders: ['anthropic-clouds-0', 'anthropic-clouds-1'],
    provider: 'bedrock',
    lines: `const { AnthropicBedrock } = await load('@anthropic-ai/bedrock-sdk');
      const model = 'anthropic.claude-sonnet-4-5-20250929-v1:0';
      await new AnthropicBedrock({ apiKey: 'x', baseURL: url }).messages.create({ model, max_tokens: 9, ${MESSAGES} });`,
  },
  {
    package: '@anthropic-ai/vertex-sdk',
    folders: ['anthropic-clouds-0', 'anthropic-clouds-1'],
    provider: 'anthropic',
    lines: `const { AnthropicVertex } = await load('@anthropic-ai/vertex-sdk');
      const authClient = { projectId: 'p', getRequestHeaders: async () => new Headers({ authorization: 'Bearer x' }) };
      const client = new AnthropicVertex({ region: 'global', authClient, baseURL: url + '/v1' });
      await client.messages.create({ model: 'claude-sonnet-4-5@20250929', max_tokens: 9, ${MESSAGES} });`,
  },
  {
    package: '@google/genai',
    folders: ['google-genai-1.20', 'google-genai-1', 'google-genai-2', 'google-genai-3'],
    provider: 'gemini',
    lines: `const { GoogleGenAI } = await load('@google/genai');
      const client = new GoogleGenAI({ apiKey: 'x', httpOptions: { baseUrl: url } });
      await client.models.generateContent({ model: 'gemini-2.5-flash', contents: 'hi' });`,
  },
  {
    package: '@google/generative-ai',
    folders: ['google-generative-ai-0'],
    provider: 'gemini',
    lines: `const { GoogleGenerativeAI } = await load('@google/generative-ai');
      await new GoogleGenerativeAI('x').getGenerativeModel({ model: 'gemini-2.5-flash' }, { baseUrl: url }).generateContent('hi');`,
  },
  {
    package: '@aws-sdk/client-bedrock-runtime',
    folders: ['bedrock-3'],
    provider: 'bedrock',
    lines: `const { BedrockRuntimeClient, ConverseCommand } = await load('@aws-sdk/client-bedrock-runtime');
      const { NodeHttpHandler } = await load('@smithy/node-http-handler');
      const client = new BedrockRuntimeClient({ region: 'eu-central-1', endpoint: url, token: { token: 'x' },
        authSchemePreference: ['httpBearerAuth'], requestHandler: new NodeHttpHandler() });
      const modelId = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0';
      await client.send(new ConverseCommand({ modelId, messages: [{ role: 'user', content: [{ text: 'hi' }] }] }));`,
  },
  {
    package: '@mistralai/mistralai',
    folders: ['mistral-2'],
    provider: 'mistral',
    lines: `const { Mistral } = await load('@mistralai/mistralai');
      await new Mistral({ apiKey: 'x', serverURL: url }).chat.complete({ model: 'mistral-large-2512', ${MESSAGES} });`,
  },
  {
    package: 'cohere-ai',
    folders: ['cohere-8'],
    provider: 'cohere',
    lines: `const { CohereClientV2 } = await load('cohere-ai');
      await new CohereClientV2({ token: 'x', environment: url }).chat({ model: 'command-a-03-2025', ${MESSAGES} });`,
  },
  {
    package: 'groq-sdk',
    folders: ['groq-0', 'groq-1'],
    provider: 'groq',
    lines: `const { Groq } = await load('groq-sdk');
      await new Groq({ apiKey: 'x', baseURL: url }).chat.completions.create({ model: 'llama-3.3-70b-versatile', ${MESSAGES} });`,
  },
  {
    package: 'together-ai',
    folders: ['together-0'],
    provider: 'together',
    lines: `const { Together } = await load('together-ai');
      const model = 'meta-llama/Llama-3.3-70B-Instruct-Turbo';
      await new Together({ apiKey: 'x', baseURL: url }).chat.completions.create({ model, ${MESSAGES} });`,
  },
  {
    package: '@openrouter/sdk',
    folders: ['openrouter-1'],
    provider: 'openrouter',
    lines: `const { OpenRouter } = await load('@openrouter/sdk');
      await new OpenRouter({ apiKey: 'x', serverURL: url }).chat.send({ chatRequest: { model: 'amazon/nova-lite-v1', ${MESSAGES} } });`,
  },
  {
    package: 'ollama',
    folders: ['ollama-0'],
    provider: 'ollama',
    lines: `const { Ollama } = await load('ollama');
      await new Ollama({ host: url }).chat({ model: 'llama3.2', ${MESSAGES} });`,
  },
  {
    package: 'ai',
    folders: ['ai-5', 'ai-6', 'ai-7'],
    provider: 'openai',
    lines: `const { generateText } = await load('ai');
      const { createOpenAI } = await load('@ai-sdk/openai');
      await generateText({ model: createOpenAI({ apiKey: 'x', baseURL: url })('gpt-4o-mini'), prompt: 'hi' });`,
  },
  {
    package: '@langchain/core',
    folders: ['langchain-1'],
    provider: 'openai',
    lines: `const { ChatOpenAI } = await load('@langchain/openai');
      await new ChatOpenAI({ model: 'gpt-4o-mini', apiKey: 'x', configuration: { baseURL: url } }).invoke('hi');`,
  },
  {
    package: '@langchain/langgraph',
    folders: ['langchain-1'],
    provider: 'openai',
    lines: `const { ChatOpenAI } = await load('@langchain/openai');
      const { MessagesAnnotation, StateGraph } = await load('@langchain/langgraph');
      const model = new ChatOpenAI({ model: 'gpt-4o-mini', apiKey: 'x', configuration: { baseURL: url } });
      const ask = async ({ messages }) => ({ messages: [await model.invoke(messages)] });
      const graph = new StateGraph(MessagesAnnotation).addNode('ask', ask).addEdge('__start__', 'ask').compile();
      await graph.invoke({ messages: [{ role: 'user', content: 'hi' }] });`,
  },
  {
    package: '@openai/agents',
    folders: ['openai-agents-0'],
    provider: 'openai',
    lines: `const { Agent, run, setDefaultOpenAIClient, setTracingDisabled } = await load('@openai/agents');
      const { OpenAI } = await load('openai');
      setTracingDisabled(true);
      setDefaultOpenAIClient(new OpenAI({ apiKey: 'x', baseURL: url }));
      await run(new Agent({ name: 'one', model: 'gpt-4o-mini' }), 'hi');`,
  },
  {
    package: '@anthropic-ai/claude-agent-sdk',
    folders: ['claude-agent-sdk-0'],
    provider: 'none',
    // A turn of two models.
    calls: 2,
    lines: `const { query } = await load('@anthropic-ai/claude-agent-sdk');
      for await (const _ of query({ prompt: 'hi', options: { pathToClaudeCodeExecutable: ${JSON.stringify(CLAUDE_CODE)} } }));`,
  },
];

const SYSTEMS = [
  ['CommonJS', 'cjs', 'async (name) => require(name)'],
  ['ES modules', 'mjs', '(name) => import(name)'],
] as const;

/** Folders of SDKs that no cell loads. */
export function withoutCells(): string[] {
  const known = new Set(APPS.flatMap(({ folders }) => folders));
  return readdirSync(PROJECTS).filter((folder) => !known.has(folder));
}

/** The cells of all, and the folders that they run in. */
export function sdkCells(node: string): { readonly cells: readonly Cell[]; readonly folders: readonly AppFolder[] } {
  const folders: AppFolder[] = [];
  const cells = APPS.flatMap(({ package: name, folders: projects, provider, calls = 1, lines }) =>
    projects.flatMap((project) => {
      const nodeModules = join(PROJECTS, project, 'node_modules');
      const script = (load: string) =>
        `const load = ${load}; const url = process.env.PROVIDER_URL;\n(async () => {\n${lines}\n})();`;
      const files = SYSTEMS.map(([, ending, load]) => [`app.${ending}`, script(load)] as const);
      const folder = new AppFolder(Object.fromEntries(files), nodeModules);
      folders.push(folder);
      const row = `\`${name}\` | ${installedVersion(join(PROJECTS, project), name)}`;
      return SYSTEMS.map(
        ([system, ending]): Cell => ({
          ...{ table: SDKS, row, column: system, node, folder: folder.path, provider, calls },
          args: ['--require', REGISTER, `../app.${ending}`],
        }),
      );
    }),
  );
  return { cells, folders };
}
