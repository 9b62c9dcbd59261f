/**
 * An error as OpenTelemetry shows it: on its span, as a log record, in a counter.
 *
 * Layer: errors. Source: semantic conventions for exceptions on spans and in logs, and for `error.type`.
 */
import {
  type Attributes,
  type Counter,
  type Logger,
  type LoggerProvider,
  type MeterProvider,
  SeverityNumber,
  type Span,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { VERSION } from '../core/version.ts';
import type { ErrorPlace } from '../request/error-place.ts';
import type { CapturedError, ErrorDetails, ErrorLevel } from './captured-error.ts';
import type { Classification } from './error-class.ts';

/** Instrumentation scope of what is made here. */
export const ERRORS_SCOPE = 'duotel/errors';

const MAX_STACK = 32_768;
const MAX_STATUS = 1024;

/** Where it goes. */
export interface RecorderInput {
  readonly meterProvider: MeterProvider;
  readonly loggerProvider: LoggerProvider;
}

export class ErrorRecorder {
  readonly #counter: Counter;
  readonly #logger: Logger;

  constructor({ meterProvider, loggerProvider }: RecorderInput) {
    // On Prometheus pages: duotel_errors_total{error_type,error_severity,error_provider}.
    this.#counter = meterProvider.getMeter(ERRORS_SCOPE, VERSION).createCounter('duotel.errors', {
      unit: '{error}',
      description: 'Errors by class, those that are ignored or held back too.',
    });
    this.#logger = loggerProvider.getLogger(ERRORS_SCOPE, VERSION);
  }

  /** Counts an error. */
  count({ errorClass, severity, provider }: Classification, { scope }: ErrorPlace): void {
    this.#counter.add(1, { 'error.type': errorClass, 'error.severity': severity, 'error.provider': provider }, scope);
  }

  /**
   * Marks the span that is open where the error happened.
   *
   * @param isFailure - whether its status is error; an ignored error leaves only an event
   */
  mark(details: ErrorDetails, { errorClass }: Classification, place: ErrorPlace, isFailure: boolean): void {
    const span = openSpan(place);
    if (span === undefined) return;
    if (!place.isRecorded) span.addEvent('exception', exceptionAttributes(details));
    if (!isFailure) return;
    span.setAttribute('error.type', errorClass);
    span.setStatus({ code: SpanStatusCode.ERROR, message: details.message.slice(0, MAX_STATUS) });
  }

  /** Writes the log record. */
  log(captured: CapturedError, { scope }: ErrorPlace): void {
    const { details, level } = captured;
    this.#logger.emit({
      ...SEVERITIES[level],
      timestamp: captured.timeMillis,
      body: `${details.type}: ${details.message}`,
      attributes: { ...captured.tags, ...errorAttributes(captured), ...exceptionAttributes(details) },
      context: scope,
    });
  }
}

const SEVERITIES: Readonly<Record<ErrorLevel, { severityNumber: SeverityNumber; severityText: string }>> = {
  fatal: { severityNumber: SeverityNumber.FATAL, severityText: 'FATAL' },
  error: { severityNumber: SeverityNumber.ERROR, severityText: 'ERROR' },
  warning: { severityNumber: SeverityNumber.WARN, severityText: 'WARN' },
  info: { severityNumber: SeverityNumber.INFO, severityText: 'INFO' },
};

/** The span it happened in if that is still open, else the one that is open around it. */
function openSpan({ span, scope }: ErrorPlace): Span | undefined {
  if (span?.isRecording() === true) return span;
  const around = trace.getSpan(scope);
  return around?.isRecording() === true ? around : undefined;
}

function exceptionAttributes(details: ErrorDetails): Attributes {
  const stack = stackWithCauses(details);
  return {
    'exception.type': details.type,
    'exception.message': details.message,
    ...(stack !== undefined && { 'exception.stacktrace': stack.slice(0, MAX_STACK) }),
  };
}

/** In the form Java gave the world, which back ends know how to fold. */
function stackWithCauses({ stack, causes }: ErrorDetails): string | undefined {
  const inner = causes.map((cause) => stackWithCauses(cause) ?? `${cause.type}: ${cause.message}`);
  if (stack === undefined && inner.length === 0) return undefined;
  return [stack ?? '', ...inner].join('\nCaused by: ');
}

function errorAttributes({ classification, eventId, mechanism, route, heldBack }: CapturedError): Attributes {
  const { errorClass, severity, provider, retryable, statusCode, matchedRule } = classification;
  return {
    'error.type': errorClass,
    'error.severity': severity,
    'error.provider': provider,
    'error.retryable': retryable,
    'error.rule': matchedRule,
    'error.event_id': eventId,
    'error.mechanism': mechanism,
    ...(statusCode !== undefined && { 'error.status_code': statusCode }),
    ...(route !== undefined && { 'http.route': route }),
    ...(heldBack > 0 && { 'error.held_back': heldBack }),
  };
}
