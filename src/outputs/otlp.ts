/**
 * OTLP destinations of spans and log records as the official SDK knows them: a processor each.
 *
 * Layer: outputs. Loaded at start-up.
 */
import { createRequire } from 'node:module';
import type { Context, SeverityNumber } from '@opentelemetry/api';
import type { LogRecordProcessor, ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { BatchLimits, OtlpDestination, SignalOutputs } from '../config/config.ts';
import type * as itemFormatModule from '../encode/item-format.ts';
import { monotonicMillis } from '../core/clock.ts';
import type * as traceRatioModule from '../traces/trace-ratio.ts';
import { ItemProcessor, type SettleHeld } from './item-processor.ts';
import type { ItemFilter } from './item-stream.ts';
import type * as recordLimitModule from './record-limit.ts';
import type { RecordLimit } from './record-limit.ts';

const load = createRequire(import.meta.url);
const formats = (): typeof itemFormatModule => load('../encode/item-format.ts') as typeof itemFormatModule;

/** Where and how items of one signal are sent. */
export interface OtlpInput {
  readonly destinations: readonly OtlpDestination[];
  readonly limits: BatchLimits;
  /** Whether `forceFlush()` and `shutdown()` send what waits: for an SDK that does not drain the outputs. Default: no. */
  readonly isSelfDraining?: boolean;
  /** Called when anything may have become pending, or ceased to be. */
  readonly onPending?: (() => void) | undefined;
}

/** All destinations of a signal. */
export function destinationsOf({ otlp, moreOtlp }: SignalOutputs): readonly OtlpDestination[] {
  return otlp === undefined ? moreOtlp : [otlp, ...moreOtlp];
}

/** Sampled, in `traceFlags`. Source: W3C Trace Context §3.2.2.5. */
const SAMPLED = 1;

/** What a destination leaves out, for reasons other than its ratio. */
export interface SpanSelection {
  readonly filterOf: (destination: OtlpDestination, settle: SettleHeld) => ItemFilter<ReadableSpan> | undefined;
  /** To be told of every span that starts. */
  readonly started: (span: Span, parentContext: Context) => void;
  /** Ends all waiting for the end of traces. */
  readonly decideAll: () => void;
}

/** Spans to their destinations. Nothing it returns rejects, nothing it does throws; nothing is loaded before a span ends. */
export class OtlpSpanProcessor extends ItemProcessor<ReadableSpan> implements SpanProcessor {
  readonly #selection: SpanSelection | undefined;

  constructor(input: OtlpInput, selection?: SpanSelection) {
    super({
      ...settle(input),
      signal: 'traces',
      format: () => formats().SPAN_FORMAT,
      filterOf: (destination, settleHeld) => selection?.filterOf(destination, settleHeld) ?? ratioFilterOf(destination),
    });
    this.#selection = selection;
  }

  onStart(span: Span, parentContext: Context): void {
    this.#selection?.started(span, parentContext);
  }

  onEnd(span: ReadableSpan): void {
    this.add(span);
  }

  override async shutdown(): Promise<void> {
    this.#selection?.decideAll();
    await super.shutdown();
  }

  /** A span that is not sampled was never made for any destination. */
  protected override isWanted(span: ReadableSpan): boolean {
    return (span.spanContext().traceFlags & SAMPLED) !== 0;
  }
}

function ratioFilterOf({ traceRatio = 1 }: OtlpDestination): ItemFilter<ReadableSpan> | undefined {
  if (traceRatio === 1) return undefined;
  const { createTraceRatio } = load('../traces/trace-ratio.ts') as typeof traceRatioModule;
  const isInRatio = createTraceRatio(traceRatio);
  return { isFor: (span) => isInRatio(span.spanContext().traceId) };
}

/** Log records to their destinations. Nothing it returns rejects, nothing it does throws; nothing is loaded before the first record. */
export class OtlpLogProcessor extends ItemProcessor<ReadableLogRecord> implements LogRecordProcessor {
  readonly #limit: RecordLimit | undefined;

  /** @param input - `recordsPerSecond`: most records of all destinations; default: no limit */
  constructor({ recordsPerSecond, ...input }: OtlpInput & { readonly recordsPerSecond?: number | undefined }) {
    super({ ...settle(input), signal: 'logs', format: () => formats().LOG_RECORD_FORMAT });
    if (recordsPerSecond === undefined) return;
    const { createRecordLimit } = load('./record-limit.ts') as typeof recordLimitModule;
    this.#limit = createRecordLimit(recordsPerSecond, monotonicMillis, () => {
      for (const { account } of this.outputs) account.filtered(1);
    });
  }

  /** Asked before a record is made. */
  enabled({ severityNumber }: { readonly severityNumber?: SeverityNumber }): boolean {
    return this.#limit?.hasRoom(severityNumber) ?? true;
  }

  onEmit(record: ReadableLogRecord): void {
    this.add(record);
  }

  protected override isWanted({ severityNumber }: ReadableLogRecord): boolean {
    return this.#limit?.admit(severityNumber) ?? true;
  }
}

function settle({ isSelfDraining = false, onPending, ...rest }: OtlpInput): Required<OtlpInput> {
  return { ...rest, isSelfDraining, onPending };
}
