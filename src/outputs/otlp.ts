/**
 * OTLP destinations of spans and log records as the official SDK knows them: a processor each.
 *
 * Layer: outputs. Loaded at start-up.
 */
import { createRequire } from 'node:module';
import type { LogRecordProcessor, ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { BatchLimits, OtlpDestination, SignalOutputs } from '../config/config.ts';
import type * as itemFormatModule from '../encode/item-format.ts';
import type * as traceRatioModule from '../traces/trace-ratio.ts';
import { ItemProcessor } from './item-processor.ts';
import type { ItemFilter } from './item-stream.ts';

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

/** Spans to their destinations. Nothing it returns rejects, nothing it does throws; nothing is loaded before a span ends. */
export class OtlpSpanProcessor extends ItemProcessor<ReadableSpan> implements SpanProcessor {
  constructor(input: OtlpInput) {
    super({ ...settle(input), signal: 'traces', format: () => formats().SPAN_FORMAT, filterOf });
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    this.add(span);
  }

  /** A span that is not sampled was never made for any destination. */
  protected override isWanted(span: ReadableSpan): boolean {
    return (span.spanContext().traceFlags & SAMPLED) !== 0;
  }
}

function filterOf({ traceRatio = 1 }: OtlpDestination): ItemFilter<ReadableSpan> {
  if (traceRatio === 1) return undefined;
  const { createTraceRatio } = load('../traces/trace-ratio.ts') as typeof traceRatioModule;
  const isInRatio = createTraceRatio(traceRatio);
  return (span) => isInRatio(span.spanContext().traceId);
}

/** Log records to their destinations. Nothing it returns rejects, nothing it does throws; nothing is loaded before the first record. */
export class OtlpLogProcessor extends ItemProcessor<ReadableLogRecord> implements LogRecordProcessor {
  constructor(input: OtlpInput) {
    super({ ...settle(input), signal: 'logs', format: () => formats().LOG_RECORD_FORMAT });
  }

  onEmit(record: ReadableLogRecord): void {
    this.add(record);
  }
}

function settle({ isSelfDraining = false, onPending, ...rest }: OtlpInput): Required<OtlpInput> {
  return { ...rest, isSelfDraining, onPending };
}
