/** What is said in calls goes nowhere, unless `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT` names a place. */
import type { ContentOptions } from '@tokenmeter/instrumentation';
import { budgets } from './config/lazy.ts';
import { CAPTURE_CONTENT, CONTENT_WORDS, type ContentPlaces } from './environment.ts';

/** Undefined: no content is read at all. A word that is none means the same, and is told once. */
export function contentOptions(
  places: ContentPlaces | undefined,
  onWarning: (message: string) => void,
): ContentOptions | undefined {
  if (places === undefined) {
    const words = CONTENT_WORDS.map(([[word = '']]) => word.toUpperCase());
    onWarning(`${CAPTURE_CONTENT} is none of ${words.join(', ')}: no content is captured.`);
    return undefined;
  }
  if (!places.spans && !places.events) return undefined;
  return { onSpans: places.spans, emit: places.events ? budgets().emitLog : undefined };
}
