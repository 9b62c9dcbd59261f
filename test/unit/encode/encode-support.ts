/** Finished spans and records of the real SDK, with members replaced by what the SDK itself would not let through. */
import { ROOT_CONTEXT } from '@opentelemetry/api';
import {
  InMemoryLogRecordExporter,
  LoggerProvider,
  type ReadableLogRecord,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { ItemEncoder } from '../../../src/encode/item-encoder.ts';
import { ProtobufWriter } from '../../../src/encode/protobuf-writer.ts';
import { frameLogs, frameTraces } from '../../../src/encode/request-frame.ts';
import { decodeLogs, decodeSpans } from '../../../src/receiver/otlp-items.ts';
import type { ReceivedLog, ReceivedSpan } from '../../../src/receiver/received.ts';

export function makeSpan(changes: Record<string, unknown> = {}): ReadableSpan {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  provider.getTracer('test').startSpan('work', {}, ROOT_CONTEXT).end();
  return replaceMembers(exporter.getFinishedSpans()[0] as ReadableSpan, changes);
}

export function makeRecord(changes: Record<string, unknown> = {}): ReadableLogRecord {
  const exporter = new InMemoryLogRecordExporter();
  const provider = new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })] });
  provider.getLogger('test').emit({ body: 'line' });
  return replaceMembers(exporter.getFinishedLogRecords()[0] as ReadableLogRecord, changes);
}

function replaceMembers<T extends object>(item: T, changes: Record<string, unknown>): T {
  return Object.create(item, Object.getOwnPropertyDescriptors(changes)) as T;
}

const sharedWriter = new ProtobufWriter();

/** Bytes of one item, none if nothing can be made of it. Items within each other share a writer. */
export function encodeItem<Item>(
  encoder: ItemEncoder<Item>,
  item: Item,
  writer: ProtobufWriter = sharedWriter,
): Uint8Array {
  const start = writer.at;
  encoder.write(writer, item);
  return writer.take(start);
}

export function readSpans(
  { resource, instrumentationScope: scope }: ReadableSpan,
  slices: Uint8Array[],
): ReceivedSpan[] {
  const decoded = decodeSpans(frameTraces(resource, [{ scope, slices }]), 'protobuf');
  if (!decoded.ok) throw new Error(decoded.reason);
  return decoded.value;
}

export function readRecords(
  { resource, instrumentationScope: scope }: ReadableLogRecord,
  slices: Uint8Array[],
): ReceivedLog[] {
  const decoded = decodeLogs(frameLogs(resource, [{ scope, slices }]), 'protobuf');
  if (!decoded.ok) throw new Error(decoded.reason);
  return decoded.value;
}

function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const refuse = (): never => {
  throw new Error('hostile');
};

/** Values of which no valid attribute can be made. */
export function hostileValues(): Record<string, unknown> {
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  let bomb: unknown[] = ['boom'];
  for (let level = 0; level < 28; level++) bomb = [bomb, bomb];
  return {
    bigint: 1n,
    symbol: Symbol('s'),
    function: refuse,
    circular,
    bomb,
    getter: Object.defineProperty({}, 'x', { get: refuse, enumerable: true }),
    proxy: new Proxy({}, { ownKeys: refuse }),
    revoked: revokedProxy(),
    fakeBytes: Object.create(Uint8Array.prototype) as unknown,
    endless: 'x'.repeat(9 * 1024 * 1024),
    sparse: Array.from({ length: 0 }).concat(Array(2 ** 27)),
  };
}
