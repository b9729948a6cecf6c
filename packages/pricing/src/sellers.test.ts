import { describe, expect, test } from 'vitest';
import { isPrivateHost, placeOfHost, providerOfHost, SELLERS, sellerOfName } from './sellers.ts';

describe('hosts', () => {
  test.each([
    ['api.openai.com', 'openai'],
    ['eu.api.openai.com', 'openai'],
    ['API.OpenAI.com.', 'openai'],
    ['api.openai.com:443', 'openai'],
    ['my-resource.openai.azure.com', 'azure.ai.openai'],
    ['my-resource.services.ai.azure.com', 'azure.ai.inference'],
    ['api.anthropic.com', 'anthropic'],
    ['generativelanguage.googleapis.com', 'gcp.gemini'],
    ['aiplatform.googleapis.com', 'gcp.vertex_ai'],
    ['us-central1-aiplatform.googleapis.com', 'gcp.vertex_ai'],
    ['bedrock-runtime.us-east-1.amazonaws.com', 'aws.bedrock'],
    ['api.groq.com', 'groq'],
    ['api.deepseek.com', 'deepseek'],
    ['api.x.ai', 'x_ai'],
    ['api.mistral.ai', 'mistral_ai'],
    ['api.together.xyz', 'together_ai'],
    ['api.fireworks.ai', 'fireworks_ai'],
    ['openrouter.ai', 'openrouter'],
    ['api.perplexity.ai', 'perplexity'],
  ])('%s is %s', (host, provider) => {
    expect(providerOfHost(host)).toBe(provider);
  });

  test.each([
    'notapi.openai.com.example.org',
    'evilapi.openai.com',
    'api.openai.com.evil.example',
    'xopenrouter.ai',
    's3.us-east-1.amazonaws.com',
    'storage.googleapis.com',
    'localhost',
    '127.0.0.1',
    '',
  ])('%s is nobody’s', (host) => {
    expect(providerOfHost(host)).toBeUndefined();
  });

  test('the place that a host states', () => {
    expect(placeOfHost('eu.api.openai.com')).toEqual({ geo: 'eu' });
    expect(placeOfHost('us-east5-aiplatform.googleapis.com')).toEqual({ region: 'us-east5' });
    expect(placeOfHost('aiplatform.googleapis.com')).toBeUndefined();
    expect(placeOfHost('api.openai.com')).toBeUndefined();
  });
});

test.each([
  'localhost',
  '127.0.0.1',
  '10.1.2.3',
  '172.16.0.1',
  '192.168.1.1',
  '[::1]',
  '::1',
  'fd00::1',
  'ollama',
  'gpu.internal',
])('%s is a machine of one’s own', (host) => {
  expect(isPrivateHost(host)).toBe(true);
});

test.each(['api.openai.com', '8.8.8.8', '172.32.0.1', '2001:db8::1', 'internal.example.com', ''])(
  '%s is not',
  (host) => {
    expect(isPrivateHost(host)).toBe(false);
  },
);

test('every name means one seller, whatever its case', () => {
  const names = SELLERS.flatMap(({ id, names: more = [] }) => more.map((name) => [name, id] as const));
  for (const [name, id] of names) expect(sellerOfName(name.toUpperCase())?.id).toBe(id);
  expect(new Set(names.map(([name]) => name)).size).toBe(names.length);
  expect(sellerOfName('acme')).toBeUndefined();
});
