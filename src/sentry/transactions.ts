/**
 * Spans on their way to Sentry as classic transactions, for a Sentry without an OTLP endpoint.
 *
 * Sentry takes a transaction whole, so the spans of a local root are held until it ends; a span that ends after it
 * becomes a transaction of its own, with the same parent. Which local roots are sent is decided as for OTLP.
 * Layer: sentry. Loaded at start-up when transactions are asked for.
 */
import { createRequire } from 'node:module';
import { type Context, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { SentryConfig } from '../config/config.ts';
import { guard } from '../core/guard.ts';
import type { SentryCaller } from '../traces/sentry-caller.ts';
import { sentryCallerOf } from '../traces/sentry-caller.ts';
import { SpanNotes } from '../traces/span-notes.ts';
import { estimateBytes } from '../traces/span-size.ts';
import { createTraceRatio } from '../traces/trace-ratio.ts';
import { createRootDecision, type RootDecision } from './root-decision.ts';
import type { SentrySink, SinkIdentity } from './sink.ts';
import type * as transactionModule from './transaction.ts';

const load = createRequire(import.meta.url);

/** Most spans below one root. Source: develop.sentry.dev, limits of transactions. */
export const MAX_SPANS = 1000;

/** Most that is held, as `span-size.ts` estimates it. Source: DESIGN §2. */
export const MAX_HELD_BYTES: number = 4 * 2 ** 20;

export interface SentryTransactionsInput {
  readonly config: Pick<SentryConfig, 'tracesSampleRate' | 'errorTraces' | 'rules'>;
  readonly identity: () => SinkIdentity;
  readonly sink: SentrySink;
  /** 32 hexadecimal digits, anew each time. */
  readonly createId: () => string;
  /** Replaced in tests. */
  readonly maxHeldBytes?: number;
}

interface LocalRoot {
  readonly root: ReadableSpan;
  readonly caller: SentryCaller | undefined;
  /** `wait`: sent if anything fails. */
  decision: 'keep' | 'drop' | 'wait';
  hasEnded: boolean;
  spans: ReadableSpan[];
  bytes: number;
  leftOut: number;
}

export class SentryTransactions implements SpanProcessor {
  readonly #input: SentryTransactionsInput;
  readonly #decide: RootDecision;
  readonly #isInShare: (traceId: string) => boolean;
  readonly #localRoots = new SpanNotes<LocalRoot>();
  /** Those that hold spans, in the order in which that began. */
  readonly #holding = new Set<LocalRoot>();
  #heldBytes = 0;

  constructor(input: SentryTransactionsInput) {
    this.#input = input;
    this.#decide = createRootDecision(input.config);
    this.#isInShare = createTraceRatio(input.config.tracesSampleRate);
  }

  onStart(span: Span, parentContext: Context): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
    const parent = trace.getSpan(parentContext);
    const known = parent && this.#localRoots.get(parent);
    this.#localRoots.set(span, known ?? this.#begin(span, parentContext));
  }

  onEnd(span: ReadableSpan): void {
    const localRoot = this.#localRoots.get(span);
    if (localRoot === undefined || localRoot.decision === 'drop') return;
    if (localRoot.decision === 'wait' && span.status.code === SpanStatusCode.ERROR) localRoot.decision = 'keep';
    if (localRoot.hasEnded) this.#send({ ...localRoot, root: span, spans: [], leftOut: 0 });
    else if (span === localRoot.root) this.#end(localRoot);
    else this.#hold(localRoot, span);
  }

  /** A transaction leaves when it is complete: there is nothing to flush. */
  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {
    for (const localRoot of this.#holding) this.#giveUp(localRoot);
  }

  #begin(root: Span, parentContext: Context): LocalRoot {
    const { traceId } = root.spanContext();
    const decision = this.#decide(root, parentContext) ?? (this.#isInShare(traceId) ? 'keep' : 'wait');
    return {
      root,
      caller: sentryCallerOf(parentContext, traceId),
      decision: decision === 'wait' && !this.#input.config.errorTraces ? 'drop' : decision,
      hasEnded: false,
      spans: [],
      bytes: 0,
      leftOut: 0,
    };
  }

  #hold(localRoot: LocalRoot, span: ReadableSpan): void {
    if (localRoot.spans.length >= MAX_SPANS) {
      localRoot.leftOut += 1;
      return;
    }
    const bytes = estimateBytes(span);
    localRoot.spans.push(span);
    localRoot.bytes += bytes;
    this.#heldBytes += bytes;
    this.#holding.add(localRoot);
    const { maxHeldBytes = MAX_HELD_BYTES } = this.#input;
    for (const oldest of this.#holding) {
      if (this.#heldBytes <= maxHeldBytes) return;
      this.#giveUp(oldest);
    }
  }

  #end(localRoot: LocalRoot): void {
    const { spans, leftOut } = localRoot;
    localRoot.hasEnded = true;
    // One that failed too late to be whole is absent.
    if (localRoot.decision === 'wait') localRoot.decision = 'drop';
    this.#release(localRoot);
    this.#send({ ...localRoot, spans, leftOut });
  }

  /** Whole or absent: without its first spans it is not sent. */
  #giveUp(localRoot: LocalRoot): void {
    localRoot.decision = 'drop';
    this.#release(localRoot);
  }

  #release(localRoot: LocalRoot): void {
    this.#holding.delete(localRoot);
    this.#heldBytes -= localRoot.bytes;
    localRoot.spans = [];
    localRoot.bytes = 0;
  }

  #send({ decision, root, spans, leftOut, caller }: LocalRoot): void {
    if (decision !== 'keep') return;
    const { sink, identity, createId, config } = this.#input;
    const input = { root, spans, leftOut, caller, sampleRate: config.tracesSampleRate };
    guard('sentry.transaction', () => transactions().sendTransaction(sink, input, identity(), createId()), undefined);
  }
}

function transactions(): typeof transactionModule {
  return load('./transaction.ts') as typeof transactionModule;
}
