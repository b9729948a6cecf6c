/** For SDKs that trace themselves, where the user chose that their spans stay: a call adopts one instead of its own. */
import type { Span } from '@opentelemetry/api';

export interface Hold {
  /** Set when a call takes the span over. */
  adopted: boolean;
  /** Really ends an adopted span, with the time at which the SDK ended it. */
  readonly finish: () => void;
}

/**
 * The SDK ends its span before our facts are in. The end of a span that a call adopted is held, with its time, until the
 * call has ended.
 */
export function holdEnd(span: Span): Hold {
  const end = span.end.bind(span);
  let held: { time: Parameters<Span['end']>[0] } | undefined;
  let finished = false;
  const hold: Hold = {
    adopted: false,
    finish: () => {
      finished = true;
      if (held) end(held.time);
    },
  };
  const holdingEnd: Span['end'] = (time) => {
    if (!hold.adopted || finished) end(time);
    else held ??= { time: time ?? Date.now() };
  };
  span.end = holdingEnd;
  return hold;
}
