/** Server-sent events, as the providers write them. */

/** An event without a name (OpenAI chat, Gemini). */
export function dataFrame(data: unknown): string {
  return `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
}

/** An event named like its own `type` (OpenAI responses, Anthropic). */
export function namedFrame<Event extends { readonly type: string }>(event: Event): string {
  return `event: ${event.type}\n${dataFrame(event)}`;
}
