/** A capturer whose counter, log records and sink are lists. */
import type { Attributes, LoggerProvider, LogRecord, MeterProvider } from '@opentelemetry/api';
import type { TestContext } from 'node:test';
import { Capturer } from '../../../src/errors/capture.ts';
import type { CapturedError } from '../../../src/errors/captured-error.ts';
import { addErrorSink } from '../../../src/errors/error-sinks.ts';
import { acceptErrorOptions } from '../../../src/errors/user-rules.ts';
import type { ErrorsOptions } from '../../../src/config/options.ts';

export interface Captures {
  readonly capturer: Capturer;
  /** Captures as the application does. */
  readonly capture: (error: unknown, hints?: unknown) => ReturnType<Capturer['capture']>;
  readonly counted: Attributes[];
  readonly records: LogRecord[];
  readonly sent: CapturedError[];
}

export interface CaptureSettings {
  readonly ignore?: readonly string[];
  readonly perMinute?: number;
  readonly options?: ErrorsOptions;
}

export function createCaptures(t: TestContext, settings: CaptureSettings = {}): Captures {
  const counted: Attributes[] = [];
  const records: LogRecord[] = [];
  const sent: CapturedError[] = [];
  const counter = { add: (_: number, attributes: Attributes) => counted.push(attributes) };
  const capturer = new Capturer({
    config: {
      capture: 'auto',
      ignore: settings.ignore ?? ['cancelled', 'validation.*', 'answer.not_found'],
      perMinute: settings.perMinute ?? 10,
    },
    rules: settings.options === undefined ? undefined : acceptErrorOptions(settings.options),
    meterProvider: { getMeter: () => ({ createCounter: () => counter }) } as unknown as MeterProvider,
    loggerProvider: { getLogger: () => ({ emit: (record: LogRecord) => records.push(record) }) } as unknown as LoggerProvider, // oxfmt-ignore
  });
  const remove = addErrorSink((captured) => sent.push(captured));
  t.after(() => {
    capturer.flush();
    remove();
  });
  return {
    capturer,
    capture: (error, hints) => capturer.capture(error, { mechanism: 'captureError', handled: true, hints }),
    counted,
    records,
    sent,
  };
}
