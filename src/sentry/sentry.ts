/**
 * Sentry as the run sees it: where its items go, and who sends the errors.
 *
 * Whoever sends is loaded with the first error, or when the application first uses a Sentry of its own.
 * Layer: sentry. Loaded at start-up.
 */
import { createRequire } from 'node:module';
import type { Attributes } from '@opentelemetry/api';
import type { SentryConfig } from '../config/config.ts';
import { guard } from '../core/guard.ts';
import type { CapturedError } from '../errors/captured-error.ts';
import { addErrorSink } from '../errors/error-sinks.ts';
import type { DestinationOutput } from '../outputs/destination-output.ts';
import type * as sentryOutputModule from '../outputs/sentry-output.ts';
import type { SentryOutput } from '../outputs/sentry-output.ts';
import type * as applicationSentryModule from './application-sentry.ts';
import type { ApplicationSentry } from './application-sentry.ts';
import type * as beforeSendModule from './before-send.ts';
import type { BeforeSend } from './before-send.ts';
import { onFirstTouch } from './first-touch.ts';
import type * as liteClientModule from './lite-client.ts';
import type * as profilingModule from './profiling.ts';

const load = createRequire(import.meta.url);

export interface SentryInput {
  /** `undefined`: there is no DSN. */
  readonly config: SentryConfig | undefined;
  /** Attributes of the resource. */
  readonly resource: () => Attributes;
  /** Of the process. */
  readonly mainScript: string | undefined;
  /** Captures what the application gives to its Sentry, and says what became of it; `undefined`: errors are off. */
  readonly capture: (error: unknown) => object | undefined;
  /** The user's hook, as it was given. */
  readonly beforeSend: unknown;
  /** Called when an output may have something to send. */
  readonly onPending: () => void;
}

export class Sentry {
  readonly outputs: readonly DestinationOutput[];
  readonly #input: SentryInput;
  readonly #output: SentryOutput | undefined;
  readonly #beforeSend: BeforeSend | undefined;
  readonly #removeAccessor: () => void;
  #removeSink: (() => void) | undefined;
  #application: ApplicationSentry | undefined;
  /** The error that is being captured because the application gave it to Sentry. */
  #collecting: { readonly error: unknown; captured?: CapturedError } | undefined;

  constructor(input: SentryInput) {
    const { config, onPending } = input;
    this.#input = input;
    this.#output = config === undefined ? undefined : new (outputModule().SentryOutput)(config, onPending);
    this.#beforeSend = acceptBeforeSend(input.beforeSend);
    this.outputs = this.#output === undefined ? [] : [this.#output.output];
    if (config !== undefined) this.#receiveErrors();
    if (config !== undefined && config.profilesSampleRate > 0) this.#expectProfiler();
    this.#removeAccessor = onFirstTouch((stack) => guard('sentry.application', () => this.#join(stack), undefined));
  }

  /** Where envelopes go; `undefined` without a DSN. */
  get output(): SentryOutput | undefined {
    return this.#output;
  }

  /** Queues what is still on its way to the outputs; synchronous. Never throws. */
  gather(): void {
    guard('sentry.gather', () => this.#application?.gather(), undefined);
  }

  /** Whether anything is on its way to the outputs. Cheap. */
  get isHolding(): boolean {
    return this.#application?.isHolding === true;
  }

  stop(): void {
    this.#removeSink?.();
    guard('sentry.release', () => this.#application?.release(), undefined);
    this.#removeAccessor();
  }

  #expectProfiler(): void {
    const { expectProfiler } = load('./profiling.ts') as typeof profilingModule;
    expectProfiler(() => this.#application?.client);
  }

  #receiveErrors(): void {
    this.#removeSink ??= addErrorSink((captured) => this.#send(captured));
  }

  #send(captured: CapturedError): void {
    const collecting = this.#collecting;
    // A summary of others may come in between.
    if (collecting !== undefined && captured.heldBack === 0 && Object.is(captured.error, collecting.error)) {
      collecting.captured = captured;
      return;
    }
    if (guard('sentry.capture', () => this.#application?.capture(captured) ?? false, false)) return;
    const { config, resource } = this.#input;
    if (config === undefined || this.#output === undefined) return;
    const { sendEvent } = load('./lite-client.ts') as typeof liteClientModule;
    sendEvent(captured, { config, resource, output: this.#output, beforeSend: this.#beforeSend });
  }

  #describe(error: unknown): CapturedError | 'held' | undefined {
    const collecting: { readonly error: unknown; captured?: CapturedError } = { error };
    this.#collecting = collecting;
    try {
      return this.#input.capture(error) === undefined ? undefined : (collecting.captured ?? 'held');
    } finally {
      this.#collecting = undefined;
    }
  }

  #join(stack: string): void {
    const { ApplicationSentry } = load('./application-sentry.ts') as typeof applicationSentryModule;
    const { config, resource, mainScript } = this.#input;
    const output = this.#output;
    this.#application = new ApplicationSentry({
      sending: config === undefined || output === undefined ? undefined : { config, output },
      resource,
      mainScript,
      describe: (error) => this.#describe(error),
      beforeSend: this.#beforeSend,
      onClient: () => this.#receiveErrors(),
      onHeld: this.#input.onPending,
    });
    this.#application.join(stack);
  }
}

function acceptBeforeSend(given: unknown): BeforeSend | undefined {
  if (given === undefined || given === null) return undefined;
  return (load('./before-send.ts') as typeof beforeSendModule).createBeforeSend(given);
}

function outputModule(): typeof sentryOutputModule {
  return load('../outputs/sentry-output.ts') as typeof sentryOutputModule;
}
