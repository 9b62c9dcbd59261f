/**
 * What happens when a program uses a Sentry of its own: one client sends, and its events are on our traces.
 *
 * A program that initialises Sentry keeps its client, whenever that comes; one that only imports it gets one of ours.
 * Layer: sentry. Loaded at the first touch. Source: DESIGN D8.
 */
import type { Attributes } from '@opentelemetry/api';
import type { Client, Scope } from '@sentry/core';
import type { SentryConfig } from '../config/config.ts';
import { guard } from '../core/guard.ts';
import { notify } from '../core/notices.ts';
import type { CapturedError, Mechanism } from '../errors/captured-error.ts';
import type { SentryOutput } from '../outputs/sentry-output.ts';
import { createApplicationClient } from './application-client.ts';
import { canSend, leaveSpansToUs, registerIds, shareProfilesRate, suppressItsRequests } from './application-parts.ts';
import type { BeforeSend } from './before-send.ts';
import { CAPTURED, createEventProcessor, type DescribeError } from './event-processor.ts';
import { toEvent } from './event.ts';
import { carrier } from './first-touch.ts';
import { identityOf } from './identity.ts';
import { findSentry, type SentryPackage } from './installed-sentry.ts';

export interface ApplicationSentryInput {
  /** `undefined`: there is no DSN but the one the application may have in its code. */
  readonly sending: { readonly config: SentryConfig; readonly output: SentryOutput } | undefined;
  /** Attributes of the resource. */
  readonly resource: () => Attributes;
  readonly mainScript: string | undefined;
  readonly describe: DescribeError;
  /** The user's. */
  readonly beforeSend: BeforeSend | undefined;
  /** Called when the application's own client takes over. */
  readonly onClient: () => void;
  /** Called when our client holds something back. */
  readonly onHeld: () => void;
}

/** What Sentry catches by itself, under its own name. */
const UNCAUGHT: Partial<Record<Mechanism, string>> = {
  uncaughtException: 'onuncaughtexception',
  unhandledRejection: 'onunhandledrejection',
};

export class ApplicationSentry {
  readonly #input: ApplicationSentryInput;
  #sentry: SentryPackage | undefined;
  /** The client we made, while the application has none. */
  #ours: Client | undefined;
  #theirs: Client | undefined;
  /** Another line of Sentry, which captures by itself what nobody caught. */
  #isForeign = false;
  /** A thrown value nobody caught, which a handler of Sentry is going to capture too. */
  #handedOver: { readonly value: unknown } | undefined;

  #isReleased = false;
  #unwatch: () => void = () => undefined;
  /** What our client collects to send it in batches, by kind. */
  readonly #held = new Set<'logs' | 'metrics'>();

  constructor(input: ApplicationSentryInput) {
    this.#input = input;
  }

  /** Whether our client holds something back. */
  get isHolding(): boolean {
    return this.#held.size > 0;
  }

  /** The application's own. */
  get client(): Client | undefined {
    return this.#theirs;
  }

  /** @param stack - of the first touch; empty when Sentry was in use before */
  join(stack: string): void {
    const found = findSentry(stack, this.#input.mainScript);
    if (found.status === 'missing')
      return queueMicrotask(() => guard('sentry.missing', () => this.#reportMissing(), undefined));
    if (found.status === 'unsupported') return this.#leave(found.version);
    const { sentry } = found;
    this.#sentry = sentry;
    const client = sentry.getClient();
    if (client !== undefined) this.#adopt(client);
    else if (!isInit(stack)) this.#create(sentry);
    this.#watch(sentry);
  }

  /** Hands an error to the client of the program; `false`: there is none. */
  capture(captured: CapturedError): boolean {
    const client = this.#theirs ?? this.#ours;
    const { error, mechanism, handled, eventId, heldBack } = captured;
    if (this.#isForeign) return mechanism in UNCAUGHT;
    if (client === undefined || this.#sentry === undefined || !canSend(client, client === this.#theirs)) return false;
    if (heldBack > 0) return this.#captureSummary(client, captured);
    // Sentry marks errors it has had; what is no object cannot be marked.
    if (mechanism in UNCAUGHT && !isObject(error)) this.#handedOver = { value: error };
    const hint = {
      event_id: eventId,
      originalException: error,
      mechanism: { type: UNCAUGHT[mechanism] ?? 'generic', handled },
      data: { [CAPTURED]: captured },
    };
    client.captureException(error, hint, this.#sentry.getCurrentScope());
    return true;
  }

  /** Leaves the application's Sentry as it was, as far as that is possible. */
  release(): void {
    this.gather();
    this.#isReleased = true;
    this.#unwatch();
    if (this.#ours === undefined) return;
    this.#ours.getOptions().enabled = false;
    if (this.#theirs === undefined) this.#sentry?.getCurrentScope().setClient(undefined);
  }

  /** Of many, the one that stands for them: Sentry has had it, and would not take it as an exception again. */
  #captureSummary(client: Client, captured: CapturedError): boolean {
    const { release, environment = 'production' } = client.getOptions();
    const event = toEvent(captured, { release, environment, serverName: undefined });
    client.captureEvent(event, { data: { [CAPTURED]: captured } }, this.#sentry?.getCurrentScope());
    return true;
  }

  /** Has our client send what it holds back. */
  gather(): void {
    if (this.isHolding) this.#ours?.emit('flush');
  }

  #create(sentry: SentryPackage): void {
    const { sending, resource } = this.#input;
    if (sending === undefined) return;
    const client = createApplicationClient(sentry, { ...sending, identity: identityOf(sending.config, resource()) });
    this.#ours = client;
    this.#link(sentry, client, false);
    this.#watchBatches(client);
  }

  #watchBatches(client: Client): void {
    const hold = (kind: 'logs' | 'metrics'): void => {
      this.#held.add(kind);
      this.#input.onHeld();
    };
    client.on('afterCaptureLog', () => hold('logs'));
    client.on('afterCaptureMetric', () => hold('metrics'));
    client.on('flushLogs', () => void this.#held.delete('logs'));
    client.on('flushMetrics', () => void this.#held.delete('metrics'));
  }

  /** The client of the application may come at any time, and wins. */
  #watch(sentry: SentryPackage): void {
    const scope = sentry.getCurrentScope();
    const setClient = scope.setClient.bind(scope);
    // No hook of Sentry tells of a new client.
    scope.setClient = (client) => {
      if (client !== undefined && client !== this.#ours) guard('sentry.adopt', () => this.#adopt(client), undefined);
      setClient(client);
    };
    this.#unwatch = () => void delete (scope as Partial<Scope>).setClient;
  }

  #adopt(client: Client): void {
    if (this.#sentry === undefined || client === this.#theirs) return;
    this.gather();
    if (this.#ours !== undefined) this.#ours.getOptions().enabled = false;
    this.#theirs = client;
    suppressItsRequests(client);
    leaveSpansToUs(client, this.#input.sending?.config);
    shareProfilesRate(client, this.#input.sending?.config);
    this.#link(this.#sentry, client, true);
    this.#input.onClient();
  }

  #link(sentry: SentryPackage, client: Client, hasBreadcrumbs: boolean): void {
    registerIds(sentry);
    const complete = createEventProcessor({
      describe: (error) => this.#describe(error),
      hasBreadcrumbs,
      beforeSend: this.#input.beforeSend,
      // A client of the application counts for itself.
      onDropped: () => {
        if (client === this.#ours) this.#input.sending?.output.output.account.filtered(1);
      },
    });
    // Sentry never forgets a processor.
    client.addEventProcessor((event, hint) => (this.#isReleased ? event : complete(event, hint)));
  }

  #describe(error: unknown): ReturnType<DescribeError> {
    const handedOver = this.#handedOver;
    this.#handedOver = undefined;
    if (handedOver !== undefined && Object.is(handedOver.value, error)) return 'held';
    return this.#input.describe(error);
  }

  #leave(version: string): void {
    this.#isForeign = true;
    notify({
      code: 'DUOTEL_SENTRY_UNLINKED',
      message: `The application uses Sentry ${version}, which cannot be joined: its events have ids of their own. Install @sentry/node 11.`,
    });
  }

  /** Whether it was Sentry at all is known when the call that touched it is over. */
  #reportMissing(): void {
    if (typeof carrier()?.['version'] !== 'string') return;
    this.#isForeign = true;
    notify({
      code: 'DUOTEL_SENTRY_UNLINKED',
      message:
        'The application uses a Sentry that is part of its own file, which cannot be joined: its events have ids of their own. Declare @sentry/node external in the bundler.',
    });
  }
}

function isInit(stack: string): boolean {
  return /[\\/]sdk[\\/]index\.js|\bat (?:\S+\.)?_?init /.test(stack);
}

function isObject(value: unknown): boolean {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
