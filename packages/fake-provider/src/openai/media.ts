/** Images, videos, speech and text of speech. */
import { draw, NOTHING, tokensOf } from '../core/consumption.ts';
import { type Answer, type ApiRequest, Refusal, type Route } from '../core/exchange.ts';
import { distort } from '../core/faults.ts';
import { number, text } from '../core/json.ts';
import { prose } from '../core/prose.ts';
import { between } from '../core/random.ts';
import { dataFrame, namedFrame } from '../core/sse.ts';

export const routes: readonly Route[] = [
  { method: 'POST', pattern: /\/images\/generations$/, operation: 'images', answer: images('image_generation') },
  { method: 'POST', pattern: /\/images\/(?:edits|variations)$/, operation: 'images', answer: images('image_edit') },
  { method: 'POST', pattern: /\/audio\/speech$/, operation: 'speech', answer: speech },
  { method: 'POST', pattern: /\/videos(?:\/(?:edits|extensions|[^/]+\/remix))?$/, operation: 'videos', answer: film },
  { method: 'POST', pattern: /\/audio\/(?:transcriptions|translations)$/, operation: 'transcriptions', answer: hear },
];

/** A picture of one point. */
const PICTURE = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** Tokens of a picture that is sent along. */
const FED_TOKENS = 323;
/** Length of a video that is sent along. */
const FED_SECONDS = 8;
/** Tokens of a picture of medium quality, and of each partial picture of a stream. */
const PICTURE_TOKENS = 1056;
const PARTIAL_TOKENS = 100;

/** Forms send every value as text. */
const flag = (value: unknown): boolean => value === true || value === 'true';
const count = (value: unknown): number | undefined =>
  value === undefined ? undefined : number(typeof value === 'string' ? Number(value) : value);

/** `dall-e-*` states no usage. The answer names no model. */
function images(kind: 'image_generation' | 'image_edit'): (request: ApiRequest) => Answer {
  return ({ body, plan, now, model }) => {
    const pictures = Math.max(1, count(body.n) ?? 1);
    const streams = flag(body.stream);
    const partials = streams ? (count(body.partial_images) ?? 0) : 0;
    const byToken = !model.startsWith('dall-e');
    const tokens = {
      input: tokensOf(body.prompt) + (body.image === undefined ? 0 : FED_TOKENS),
      output: PICTURE_TOKENS * pictures + PARTIAL_TOKENS * partials,
    };
    const consumed = byToken ? { ...NOTHING, ...tokens, ...plan.usage } : NOTHING;
    const { input, output } = consumed;
    const fed = body.image === undefined ? 0 : Math.min(input, FED_TOKENS);
    const stated = {
      input_tokens: input,
      input_tokens_details: { image_tokens: fed, text_tokens: input - fed },
      output_tokens: output,
      total_tokens: input + output,
    };
    const usage = byToken ? distort(stated, plan.fault) : undefined;
    const look = { background: 'opaque', output_format: 'png', quality: 'medium', size: '1024x1024' };
    if (!streams) {
      const data = Array.from({ length: pictures }, () => ({ b64_json: PICTURE }));
      return { consumed, usage, body: { created: now, ...look, data, usage } };
    }
    const event = { b64_json: PICTURE, created_at: now, ...look };
    const early = Array.from({ length: partials }, (_, partial_image_index) =>
      namedFrame({ type: `${kind}.partial_image`, ...event, partial_image_index }),
    );
    return { consumed, usage, frames: [...early, namedFrame({ type: `${kind}.completed`, ...event, usage })] };
  };
}

/** The audio is no audio, but has a length that depends on the text. */
function speech({ body }: ApiRequest): Answer {
  if (text(body.input) === undefined) throw new Refusal(400, { message: "Missing required parameter: 'input'." });
  const data = Buffer.from('sound '.repeat(tokensOf(body.input)));
  return { consumed: NOTHING, raw: { type: 'audio/mpeg', data } };
}

/** A job that has been accepted. An extension states the length of the whole. */
function film({ body, now, id, model }: ApiRequest): Answer {
  if (text(body.prompt) === undefined) throw new Refusal(400, { message: "Missing required parameter: 'prompt'." });
  const responseId = id('video_', 32, 'hex');
  const seconds = (count(body.seconds) ?? 4) + (body.video === undefined ? 0 : FED_SECONDS);
  const video = {
    id: responseId,
    object: 'video',
    created_at: now,
    completed_at: null,
    expires_at: null,
    error: null,
    model: model === '' ? 'sora-2' : model,
    progress: 0,
    prompt: body.prompt,
    remixed_from_video_id: null,
    seconds: String(seconds),
    size: text(body.size) ?? '720x1280',
    status: 'queued',
  };
  return { responseId, consumed: NOTHING, body: video };
}

/** `whisper-1` counts seconds, all others tokens; plain text states no usage. */
function hear({ body, plan, random, model }: ApiRequest): Answer {
  if (body.file === undefined) throw new Refusal(400, { message: "Missing required parameter: 'file'." });
  const demand = { input: between(random, 10, 400), maxOutput: undefined, cache: 'none' as const };
  const consumed = model === 'whisper-1' ? NOTHING : draw(random, demand, plan.usage);
  const said = plan.text ?? prose(random, consumed.output || 20);
  if (body.response_format === 'text')
    return { consumed, raw: { type: 'text/plain; charset=utf-8', data: Buffer.from(`${said}\n`) } };
  const usage = distort(heard(model, consumed), plan.fault);
  if (!flag(body.stream)) return { consumed, usage, body: { text: said, usage } };
  const deltas = said.split(/(?= )/).map((delta) => dataFrame({ type: 'transcript.text.delta', delta, logprobs: [] }));
  const done = dataFrame({ type: 'transcript.text.done', text: said, logprobs: [], usage });
  return { consumed, usage, frames: [...deltas, done, dataFrame('[DONE]')] };
}

function heard(model: string, { input, output }: { input: number; output: number }): object {
  if (model === 'whisper-1') return { type: 'duration', seconds: 9 };
  return {
    type: 'tokens',
    input_tokens: input,
    input_token_details: { text_tokens: 0, audio_tokens: input },
    output_tokens: output,
    total_tokens: input + output,
  };
}
