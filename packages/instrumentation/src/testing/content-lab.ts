/** A lab whose calls have on their spans what was said in them. */
import { trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { type Lab, openLab, until } from './lab.ts';

/** What a span says was said, each in the words of the conventions; null: nothing. */
type Said = Readonly<Record<'input' | 'instructions' | 'tools' | 'output', unknown>>;

export interface ContentLab extends Lab {
  /** Forgets what happened, the spans too. Default: content goes on spans. */
  begin: Lab['begin'];
  /** In the only call. */
  said(): Said;
  /** In the call that ended as the nth, once it has. */
  saidInCall(nth: number): Promise<Said>;
}

export async function openContentLab(): Promise<ContentLab> {
  const lab = await openLab();
  const exporter = new InMemorySpanExporter();
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
  const said = (nth: number): Said => {
    const attributes = exporter.getFinishedSpans()[nth]?.attributes ?? {};
    const read = (name: string): unknown => JSON.parse(String(attributes[`gen_ai.${name}`] ?? 'null'));
    return {
      input: read('input.messages'),
      instructions: read('system_instructions'),
      tools: read('tool.definitions'),
      output: read('output.messages'),
    };
  };
  return {
    ...lab,
    begin(options = { content: { onSpans: true } }) {
      exporter.reset();
      lab.begin(options);
    },
    said() {
      const spans = exporter.getFinishedSpans().length;
      if (spans !== 1) throw new Error(`One call was expected, and there are ${spans} spans.`);
      return said(0);
    },
    async saidInCall(nth) {
      await until(() => lab.records[nth]);
      return said(nth);
    },
  };
}
