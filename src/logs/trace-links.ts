/**
 * Puts the address of its trace into each log record of an error.
 *
 * Layer: logs. Loaded when DUOTEL_LOG_TRACE_LINKS asks for it.
 */
import { SeverityNumber } from '@opentelemetry/api';
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import { guard } from '../core/guard.ts';
import { traceUrlOf } from '../core/trace-url.ts';

/** There is no convention for it. */
const ATTRIBUTE = 'duotel.trace.url';

/** Comes before the processors that send. */
export function createTraceLinker(urlTemplate: string): LogRecordProcessor {
  return {
    // It wants no record for itself.
    enabled: () => false,
    onEmit: (record) =>
      guard(
        'logs.link',
        () => {
          if ((record.severityNumber ?? 0) < SeverityNumber.ERROR) return;
          const url = traceUrlOf(urlTemplate, record.spanContext);
          if (url !== undefined) record.setAttribute(ATTRIBUTE, url);
        },
        undefined,
      ),
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
}
