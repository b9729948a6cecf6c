/**
 * Aliases and the dated snapshots that the providers answer with. Every name on the right is in the public price lists.
 */
export const SNAPSHOTS: Readonly<Record<string, string>> = {
  'gpt-5.5': 'gpt-5.5-2026-04-23',
  'gpt-5.5-pro': 'gpt-5.5-pro-2026-04-23',
  'gpt-5.4-mini': 'gpt-5.4-mini-2026-03-17',
  'gpt-5.4-nano': 'gpt-5.4-nano-2026-03-17',
  'gpt-5.2': 'gpt-5.2-2025-12-11',
  'gpt-5.2-pro': 'gpt-5.2-pro-2025-12-11',
  'gpt-5.1': 'gpt-5.1-2025-11-13',
  'gpt-5': 'gpt-5-2025-08-07',
  'gpt-5-mini': 'gpt-5-mini-2025-08-07',
  'gpt-5-nano': 'gpt-5-nano-2025-08-07',
  'gpt-5-pro': 'gpt-5-pro-2025-10-06',
  'gpt-4.1': 'gpt-4.1-2025-04-14',
  'gpt-4.1-mini': 'gpt-4.1-mini-2025-04-14',
  'gpt-4.1-nano': 'gpt-4.1-nano-2025-04-14',
  'gpt-4o': 'gpt-4o-2024-08-06',
  'gpt-4o-mini': 'gpt-4o-mini-2024-07-18',
  'gpt-4-turbo': 'gpt-4-turbo-2024-04-09',
  'gpt-4': 'gpt-4-0613',
  'gpt-3.5-turbo': 'gpt-3.5-turbo-0125',
  'o4-mini': 'o4-mini-2025-04-16',
  o3: 'o3-2025-04-16',
  'o3-mini': 'o3-mini-2025-01-31',
  'o3-pro': 'o3-pro-2025-06-10',
  o1: 'o1-2024-12-17',
  'o1-pro': 'o1-pro-2025-03-19',
  'o3-deep-research': 'o3-deep-research-2025-06-26',
  'o4-mini-deep-research': 'o4-mini-deep-research-2025-06-26',
  'claude-haiku-4-5': 'claude-haiku-4-5-20251001',
  'claude-opus-4-5': 'claude-opus-4-5-20251101',
  'claude-sonnet-4-5': 'claude-sonnet-4-5-20250929',
};

/** Models that think before they answer, and bill it as output. */
const REASONING = /^(o\d|gpt-[5-9](?!.*chat)|gemini-(2\.5|[3-9])(?!.*(image|tts)))/;

/** Whether answers of this model carry reasoning tokens without being asked to. Claude thinks only when asked. */
export function reasons(model: string): boolean {
  return REASONING.test(model);
}
