/** Answers of OpenAI's own APIs -> facts. */
import { extractUsage, type UsageApi } from '@tokenmeter/pricing';
import type { Endpoint, Later, Method, ResponseFacts } from '../../call/facts.ts';
import { responseAttributes } from '../openai-wire/response.ts';
import { bag, dataOf, number, text } from '../read.ts';
import type { ResponseBody } from './types.ts';

/** A Responses API object, whole or from a stream's last event. `failed` does not throw in the SDK. */
export function readResponse(value: unknown, { provider }: Endpoint): ResponseFacts {
  const body = bag(value) as ResponseBody | undefined;
  if (!body) return { outputCharacters: 0 };
  const status = text(body.status);
  const reason = text(body.incomplete_details?.reason) ?? status;
  return {
    model: text(body.model),
    id: text(body.id),
    finishReasons: reason === undefined ? undefined : [reason],
    report: extractUsage({ provider, api: 'responses', body }),
    attributes: responseAttributes('responses', body),
    error: status === 'failed' ? (text(body.error?.code) ?? 'failed') : undefined,
    outputCharacters: 0,
    later: inBackground(body),
  };
}

const RUNNING: ReadonlySet<unknown> = new Set(['queued', 'in_progress']);

/** Only responses in the background are finished after the request that made them; all can be read again. */
export function inBackground({
  id: given,
  background,
  status,
  created_at,
  completed_at,
}: ResponseBody): Later | undefined {
  const id = text(given);
  if (background !== true || id === undefined) return undefined;
  const state = RUNNING.has(status) ? 'running' : status === 'cancelled' ? 'canceled' : 'ended';
  return { id, state, startedAt: milliseconds(created_at), endedAt: milliseconds(completed_at) };
}

/** OpenAI's times are seconds. */
export function milliseconds(time: unknown): number | undefined {
  const seconds = number(time);
  return seconds === undefined ? undefined : seconds * 1000;
}

/** Answers that say nothing but their usage: images, text of speech. Plain text (`response_format`) says nothing at all. */
export function readUsage(api: UsageApi): Method['response'] {
  return (body, { provider }) => ({
    report: bag(body) && extractUsage({ provider, api, body }),
    outputCharacters: 0,
  });
}

/** Models that are billed by the characters that they speak. All others are billed by tokens, which the audio doesn't state. */
const BY_CHARACTER = /^tts-1\b/;

/** Speech: the answer is the raw response, whose body belongs to the app. */
export const readSpeech: Method['response'] = (_, _endpoint, params) => {
  const { model, input } = dataOf(params) ?? {};
  if (typeof input !== 'string' || !BY_CHARACTER.test(text(model) ?? '')) return { outputCharacters: 0 };
  // Characters as a person counts them, not UTF-16 units.
  const inputCharacters = [...input].length;
  return { report: { usage: { inputCharacters }, context: {}, flags: [] }, outputCharacters: 0 };
};

/**
 * Videos: a job and the length of the video. That of an extension is the length of all that there is then; what it adds
 * stands in its request.
 */
export const readVideo: Method['response'] = (value, _, params) => {
  const video = bag(value);
  const seconds = Number(dataOf(params)?.seconds ?? video?.seconds);
  const videoSeconds = seconds > 0 ? seconds : undefined;
  return {
    model: text(video?.model),
    id: text(video?.id),
    report: videoSeconds === undefined ? undefined : { usage: { videoSeconds }, context: {}, flags: [] },
    outputCharacters: 0,
  };
};

export const readModeration: Method['response'] = (value) => {
  const body = bag(value);
  return { model: text(body?.model), id: text(body?.id), outputCharacters: 0 };
};
