/** OpenAI's own methods, those that its compatible hosts do not share. `patch.ts` says where they stand in the SDK. */
import { countCharacters } from '../../call/estimate.ts';
import type { Method } from '../../call/facts.ts';
import { inputCharacters } from '../openai-wire/methods.ts';
import { readBody } from '../openai-wire/response.ts';
import { dataOf } from '../read.ts';
import { responsesContent } from './content.ts';
import {
  decisionsRequest,
  imagesRequest,
  moderationRequest,
  responsesRequest,
  speechRequest,
  transcriptionRequest,
  videosRequest,
} from './request.ts';
import { readModeration, readResponse, readSpeech, readUsage, readVideo } from './response.ts';
import { responseReader, usageReader } from './stream.ts';

export const responses: Method = {
  name: 'responses.create',
  request: responsesRequest,
  response: readResponse,
  stream: responseReader,
  inputCharacters,
  content: responsesContent,
};

/** Their usage has nothing to do with the characters of a prompt: without the provider's count it stays unknown. */
type Media = Omit<Method, 'name'>;

export const images: Media = { request: imagesRequest, response: readUsage('images'), stream: usageReader('images') };
export const listening: Media = {
  request: transcriptionRequest,
  response: readUsage('transcription'),
  stream: usageReader('transcription'),
};

export const speech: Method = {
  name: 'audio.speech.create',
  request: speechRequest,
  response: readSpeech,
  stream: usageReader('speech'),
};

export const moderations: Method = {
  name: 'moderations.create',
  request: moderationRequest,
  response: readModeration,
  stream: usageReader('chat'),
};

/** Questions about an input, answered by numbers. */
export const decisions: Method = {
  name: 'decisions.create',
  request: decisionsRequest,
  response: readBody('decisions'),
  stream: usageReader('decisions'),
  inputCharacters: (params) => inputCharacters(params) + countCharacters(dataOf(params)?.questions),
};

/** The answer is a job, and when it is done nothing more is known of what it used: its length. */
export const videos: Media = { request: videosRequest, response: readVideo, stream: usageReader('chat') };
