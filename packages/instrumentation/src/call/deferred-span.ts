/**
 * Stands in the context for a span that is not open yet, because somebody still decides whether there is a call at all.
 * Until then it is the span around it; from then on whatever it is asked reaches the real one, so that HTTP spans that the
 * request makes get the right parent.
 */
import { type Context, INVALID_SPAN_CONTEXT, type Span, trace } from '@opentelemetry/api';

export function deferredSpan(active: Context): { readonly span: Span; resolve(real: Span): void } {
  const outer = trace.getSpanContext(active) ?? INVALID_SPAN_CONTEXT;
  let target: Span = trace.wrapSpanContext(outer);
  const span: Span = {
    spanContext: () => target.spanContext(),
    isRecording: () => target.isRecording(),
    end: (...args) => target.end(...args),
    recordException: (...args) => target.recordException(...args),
    setAttribute: (...args) => chain(target.setAttribute(...args)),
    setAttributes: (...args) => chain(target.setAttributes(...args)),
    addEvent: (...args) => chain(target.addEvent(...args)),
    addLink: (...args) => chain(target.addLink(...args)),
    addLinks: (...args) => chain(target.addLinks(...args)),
    setStatus: (...args) => chain(target.setStatus(...args)),
    updateName: (...args) => chain(target.updateName(...args)),
  };
  const chain = (_: Span): Span => span;
  return {
    span,
    resolve(real) {
      target = real;
    },
  };
}
