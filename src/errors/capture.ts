/**
 * Captures one error: once, classified, linked to where it happened, and told to everybody who wants to know.
 *
 * Layer: errors. Loaded with the first error.
 */
import { getRPCMetadata } from '@opentelemetry/core';
import type { LoggerProvider, MeterProvider } from '@opentelemetry/api';
import { guard } from '../core/guard.ts';
import type { ErrorsConfig } from '../config/config.ts';
import { breadcrumbsOf } from '../request/breadcrumbs.ts';
import { type ErrorPlace, placeOf } from '../request/error-place.ts';
import type { RequestSnapshot } from '../request/request-context.ts';
import { type CaptureHints, readHints } from './capture-hints.ts';
import type { CapturedError, ErrorDetails, ErrorLevel, Mechanism } from './captured-error.ts';
import { classify } from './classify.ts';
import { matchesAny } from './classifier-rule.ts';
import type { Classification } from './error-class.ts';
import { describeError } from './error-facts.ts';
import type { CaptureOutcome, ErrorReport } from './error-report.ts';
import { sendToSinks } from './error-sinks.ts';
import { fingerprintOf } from './fingerprint.ts';
import { FloodControl } from './flood-control.ts';
import { ErrorRecorder } from './record-error.ts';
import { SeenErrors } from './seen-errors.ts';
import type { UserRules } from './user-rules.ts';

/** What a run captures errors with. */
export interface CapturerInput {
  readonly config: ErrorsConfig;
  readonly rules: UserRules | undefined;
  readonly meterProvider: MeterProvider;
  readonly loggerProvider: LoggerProvider;
}

/** How an error came here. */
export interface Occasion {
  readonly mechanism: Mechanism;
  readonly handled: boolean;
  /** Whether the process ends because of it: then nothing keeps it from being sent. */
  readonly isFatal?: boolean;
  readonly hints?: unknown;
}

interface Held {
  readonly captured: CapturedError;
  readonly place: ErrorPlace;
}

export class Capturer {
  readonly #input: CapturerInput;
  readonly #recorder: ErrorRecorder;
  readonly #seen = new SeenErrors<ErrorReport>();
  readonly #flood: FloodControl<Held>;
  readonly #ignore: readonly string[];
  #isBusy = false;

  constructor(input: CapturerInput) {
    this.#input = input;
    this.#recorder = new ErrorRecorder(input);
    this.#ignore = [...input.config.ignore, ...(input.rules?.ignorePatterns ?? [])];
    this.#flood = new FloodControl({
      perMinute: input.config.perMinute,
      nowMillis: () => performance.now(),
      onSummary: ({ captured, place }, heldBack) => this.#tell({ ...captured, heldBack }, place),
    });
  }

  /** Captures an error; may throw, so callers guard. */
  capture(error: unknown, occasion: Occasion): ErrorReport {
    const place = placeOf(error);
    const known = this.#seen.reportOf(error, place.request);
    const isFatal = occasion.isFatal === true;
    // What ends the process is sent, although it was not worth it while it was only an error.
    const isNews = known === undefined || (isFatal && known.eventId === undefined);
    if (!isNews) return { ...known, outcome: 'duplicate' };
    const details = describeError(error);
    const classification = classify(error, {
      askUser: this.#input.rules?.ask,
      isAnswered: occasion.mechanism === 'http',
    });
    const report = (outcome: CaptureOutcome, eventId?: string): ErrorReport => {
      const made = { ...classification, outcome, eventId };
      this.#seen.remember(error, place.request, made);
      return made;
    };
    if (known === undefined) this.#recorder.count(classification, place);
    // A sink or a log processor that captures what it is told of would never come to an end.
    const isIgnored = this.#isBusy || (!isFatal && this.#isIgnored(error, details, classification));
    this.#recorder.mark(details, classification, place, !isIgnored);
    if (isIgnored) return report('ignored');
    const hints = readHints(occasion.hints);
    const fingerprint = hints.fingerprint ?? fingerprintOf(details, classification);
    const make = (): CapturedError => describe({ error, details, classification, fingerprint, occasion, hints, place });
    const isAdmitted = isFatal || this.#flood.admit(fingerprint.join('\n'), () => ({ captured: make(), place }));
    if (!isAdmitted) return report('held_back');
    const captured = make();
    const made = report('captured', captured.eventId);
    this.#tell(captured, place);
    return made;
  }

  /** Whether errors were held back that nobody was told of. */
  get isHolding(): boolean {
    return this.#flood.isHolding;
  }

  /** Tells what was held back. */
  flush(): void {
    this.#flood.flush();
  }

  #isIgnored(error: unknown, details: ErrorDetails, classification: Classification): boolean {
    const { errorClass, statusCode, matchedRule } = classification;
    const words = [errorClass, statusCode?.toString(), matchedRule, details.type, details.code];
    if (words.some((word) => matchesAny(this.#ignore, word))) return true;
    return this.#input.rules?.ignores(error, details.message) ?? false;
  }

  #tell(captured: CapturedError, place: ErrorPlace): void {
    this.#isBusy = true;
    try {
      guard('errors.log', () => this.#recorder.log(captured, place), undefined);
      sendToSinks(captured);
    } finally {
      this.#isBusy = false;
    }
  }
}

interface Description {
  readonly error: unknown;
  readonly details: ErrorDetails;
  readonly classification: Classification;
  readonly fingerprint: readonly string[];
  readonly occasion: Occasion;
  readonly hints: CaptureHints;
  readonly place: ErrorPlace;
}

function describe({ occasion, hints, place, ...known }: Description): CapturedError {
  const { span, scope, request } = place;
  const snapshot = request?.snapshot();
  const route = getRPCMetadata(scope)?.route;
  return {
    ...known,
    eventId: createEventId(),
    handled: occasion.handled,
    mechanism: occasion.mechanism,
    level: hints.level ?? levelOf(occasion, known.classification),
    timeMillis: place.timeMillis,
    request: snapshot,
    spanContext: span?.spanContext(),
    route,
    transaction: hints.transaction ?? transactionOf(snapshot, route),
    tags: { ...snapshot?.tags, ...hints.tags } as CapturedError['tags'],
    extra: hints.extra ?? {},
    breadcrumbs: breadcrumbsOf(request),
    heldBack: 0,
  };
}

function levelOf({ isFatal }: Occasion, { severity }: Classification): ErrorLevel {
  if (isFatal === true) return 'fatal';
  return severity === 'low' ? 'warning' : 'error';
}

/** As the span of the request is called. */
function transactionOf(snapshot: RequestSnapshot | undefined, route: string | undefined): string | undefined {
  const method = snapshot?.attributes['http.request.method'];
  if (typeof method !== 'string') return undefined;
  const name = method === '_OTHER' ? 'HTTP' : method;
  return route === undefined ? name : `${name} ${route}`;
}

/** A UUID without hyphens, the form Sentry has. */
function createEventId(): string {
  return process.getBuiltinModule('node:crypto').randomUUID().replaceAll('-', '');
}
