/** Backends that spans are sent to, each as a list of what arrived: of OTLP, of Sentry's protocol, and of Datadog's log. */
import type { Ended, OtlpSink } from '../harness.ts';
import { listen, startOtlpSink } from '../harness.ts';

export interface Arrived {
  readonly name: string;
  readonly id: string;
  readonly parent: string | undefined;
  /** Of a model call, whoever made the span. */
  readonly isCall: boolean;
  /** Ours. */
  readonly isOurs: boolean;
}

export interface Backend {
  readonly url: string;
  /** After the end of the app. */
  spans(ended: Ended): readonly Arrived[];
  /** Calls by our metric; undefined where the backend takes no metrics from us. */
  counted(): number | undefined;
  /** What the app printed that is not for the backend. */
  noise(ended: Ended): string;
  close(): Promise<void>;
}

const COST = 'tokenmeter.cost.status';
const OPERATION = 'gen_ai.operation.name';
const everything = ({ stdout, stderr }: Ended): string => stdout + stderr;

async function otlp(): Promise<Backend> {
  const sink: OtlpSink = await startOtlpSink();
  return {
    url: sink.url,
    spans: () =>
      sink.spans().map((span) => ({
        name: String(span['span.name']),
        id: String(span['span.spanId']),
        parent: span['span.parentSpanId'] as string | undefined,
        isCall: span[OPERATION] !== undefined,
        isOurs: span[COST] !== undefined,
      })),
    counted: () => sink.lastSum('tokenmeter.calls'),
    noise: everything,
    close: () => sink.close(),
  };
}

interface SentrySpan {
  readonly name: string;
  readonly span_id: string;
  readonly parent_span_id?: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

async function sentry(): Promise<Backend> {
  const spans: SentrySpan[] = [];
  const server = await listen((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      for (const line of body.split('\n').filter(Boolean)) {
        const { items } = JSON.parse(line) as { items?: SentrySpan[] };
        spans.push(...(items ?? []));
      }
      response.end('{}');
    });
  });
  return {
    url: server.url,
    spans: () =>
      spans.map(({ name, span_id: id, parent_span_id: parent, attributes }) => ({
        ...{ name, id, parent, isCall: attributes[OPERATION] !== undefined, isOurs: attributes[COST] !== undefined },
      })),
    counted: () => undefined,
    noise: everything,
    close: () => server.close(),
  };
}

interface DatadogSpan {
  readonly name: string;
  readonly span_id: string;
  readonly parent_id: string;
  readonly meta: Readonly<Record<string, string>>;
}

const TRACES = '{"traces":';

/** Its exporter for the log prints lines of JSON. */
async function datadog(): Promise<Backend> {
  const lines = (ended: Ended): string[] => everything(ended).split('\n');
  return {
    url: '',
    spans: (ended) =>
      lines(ended)
        .filter((line) => line.startsWith(TRACES))
        .flatMap((line) => (JSON.parse(line) as { traces: DatadogSpan[][] }).traces.flat())
        .map(({ name, span_id: id, parent_id: parent, meta }) => ({
          ...{ name, id, parent, isCall: meta[OPERATION] !== undefined, isOurs: meta[COST] !== undefined },
        })),
    counted: () => undefined,
    noise: (ended) =>
      lines(ended)
        .filter((line) => !line.startsWith(TRACES))
        .join('\n'),
    close: async () => {},
  };
}

export const BACKENDS = { otlp, sentry, datadog } as const;
