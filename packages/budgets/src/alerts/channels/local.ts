/** The channels that stay in the process: log lines, OpenTelemetry log events, functions of the app. */
import { ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api';
import { emitLog } from '../logger.ts';
import { BUDGET_EVENT, type BudgetEvent, budgetEvents } from '../messages/event.ts';
import { logLines } from '../messages/log.ts';
import { alertText } from '../messages/text.ts';
import type { Alert, AlertFunction } from '../types.ts';
import type { Channel, Report } from './channel.ts';

const NOTHING_WAITS: Pick<Channel, 'values' | 'flush'> = {
  values: false,
  flush: async () => {},
};

export function logChannel({ log }: Report): Channel {
  return {
    ...NOTHING_WAITS,
    send: (alert) => {
      for (const line of logLines(alert)) log(line);
    },
  };
}

export function eventChannel(report: Report): Channel {
  return {
    ...NOTHING_WAITS,
    send: (alert) => {
      try {
        for (const event of budgetEvents(alert)) emitLog(recordOf(event));
      } catch (error) {
        failed('event', alert, error, report);
      }
    },
  };
}

/** As the specification numbers them; the API has names for them from 1.10 on only. */
const SEVERITY_NUMBER: Readonly<Record<BudgetEvent['severity'], number>> = { INFO: 9, WARN: 13, ERROR: 17 };

function recordOf({ severity, body, timestamp, attributes, traceId, spanId }: BudgetEvent): Record<string, unknown> {
  const span = traceId && spanId ? { traceId, spanId, traceFlags: TraceFlags.NONE } : undefined;
  return {
    eventName: BUDGET_EVENT,
    severityNumber: SEVERITY_NUMBER[severity],
    severityText: severity,
    body,
    timestamp,
    attributes,
    context: span ? trace.setSpanContext(ROOT_CONTEXT, span) : ROOT_CONTEXT,
  };
}

/** A function of the app. It may be asynchronous: `flush` waits for it. */
export function functionChannel(tell: AlertFunction, report: Report): Channel {
  const running = new Set<Promise<void>>();
  const run = async (alert: Alert): Promise<void> => {
    try {
      await tell(alert, alertText(alert));
    } catch (error) {
      failed('function', alert, error, report);
    }
  };
  return {
    values: false,
    send: (alert) => {
      const done = run(alert).finally(() => running.delete(done));
      running.add(done);
    },
    flush: async (timeoutMs) => {
      if (running.size === 0) return;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, timeoutMs);
      });
      await Promise.race([Promise.all(running), late]);
      clearTimeout(timer);
    },
  };
}

function failed(channel: string, alert: Alert, error: unknown, { problem, onFailed }: Report): void {
  onFailed(channel, alert.total);
  problem(`alert not taken by ${channel}: ${error instanceof Error ? error.message : String(error)}`);
}
