import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CAPTURE_CONTENT, readSwitches } from './environment.ts';

const asked = (env: Record<string, string>): object => readSwitches(env).asked;

describe('which signals OTEL_* asks for', () => {
  it.each([
    [{}, false, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, true, true],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }, false, false],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318/v1/traces' }, true, false],
    [{ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://collector:4318/v1/metrics' }, false, true],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_METRICS_EXPORTER: 'none' }, true, false],
    [{ OTEL_METRICS_EXPORTER: 'console' }, false, true],
    [{ OTEL_TRACES_EXPORTER: 'otlp, console' }, true, false],
    [{ OTEL_TRACES_EXPORTER: 'console, none' }, false, false],
    [{ OTEL_LOGS_EXPORTER: 'otlp' }, false, false],
  ])('%o: traces %s, metrics %s', (env, traces, metrics) => {
    expect(asked(env)).toEqual({ traces, metrics });
  });
});

describe('where content goes', () => {
  it.each([
    [undefined, false, false],
    ['', false, false],
    ['NO_CONTENT', false, false],
    ['false', false, false],
    ['SPAN_ONLY', true, false],
    ['true', true, false],
    ['event_only', false, true],
    [' Span_And_Event ', true, true],
  ])('%s: spans %s, events %s', (value, spans, events) => {
    expect(readSwitches({ [CAPTURE_CONTENT]: value }).content).toEqual({ spans, events });
  });

  it('is unknown for a word that is none', () => {
    expect(readSwitches({ [CAPTURE_CONTENT]: 'yes please' }).content).toBeUndefined();
  });
});

describe('switches', () => {
  it.each([
    [{ TOKENMETER_DISABLED: '1' }, true],
    [{ OTEL_SDK_DISABLED: 'TRUE' }, true],
    [{ TOKENMETER_DISABLED: '0', OTEL_SDK_DISABLED: 'false' }, false],
    [{ TOKENMETER_DISABLED: '' }, false],
  ])('%o: disabled %s', (env, disabled) => {
    expect(readSwitches(env).disabled).toBe(disabled);
  });

  it('take words for true and false, and nothing else', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const { ledger } = readSwitches({ TOKENMETER_LEDGER: value });
        const word = value.trim().toLowerCase();
        expect(ledger).toBe(['1', 'true'].includes(word) ? true : ['0', 'false'].includes(word) ? false : undefined);
      }),
    );
  });
});
