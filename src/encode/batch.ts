/**
 * The items of one request while it grows.
 *
 * Protobuf: each item is encoded when it ends, in one pass; the request is framed around the finished bytes. JSON is
 * for looking at and is left to the official serializers as a whole.
 * Layer: encode. Loaded with the first item.
 */
import { createRequire } from 'node:module';
import type { InstrumentationScope } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { Protocol } from '../config/config.ts';
import type { ItemEncoder } from './item-encoder.ts';
import { createLogRecordEncoder } from './log-record.ts';
import type { Encoded } from './otlp.ts';
import type * as OtlpModule from './otlp.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import { frameLogs, frameTraces } from './request-frame.ts';
import { createSpanEncoder } from './span.ts';

const load = createRequire(import.meta.url);
const official = (): typeof OtlpModule => load('./otlp.ts') as typeof OtlpModule;

/** A request that grows item by item. */
export interface ItemBatch<Item> {
  /** All that were added. */
  readonly items: number;
  /** Settles when the resource of the items is complete; `undefined` when it is. */
  readonly pendingResource: Promise<void> | undefined;
  add(item: Item): void;
  /** The finished request. */
  encode(): Encoded;
}

interface Scoped {
  readonly resource: Resource;
  readonly instrumentationScope: InstrumentationScope;
}

/** Starts a request of spans. */
export function createSpanBatch(protocol: Protocol): ItemBatch<ReadableSpan> {
  if (protocol === 'http/json') return new ObjectBatch((spans) => official().encodeTraces(spans, protocol));
  return new SliceBatch(spanEncoder, frameTraces);
}

/** Starts a request of log records. */
export function createLogBatch(protocol: Protocol): ItemBatch<ReadableLogRecord> {
  if (protocol === 'http/json') return new ObjectBatch((records) => official().encodeLogs(records, protocol));
  return new SliceBatch(logRecordEncoder, frameLogs);
}

const writer = new ProtobufWriter();
const spanEncoder = createSpanEncoder();
const logRecordEncoder = createLogRecordEncoder();

abstract class Batch<Item extends Scoped> {
  #resource: Resource | undefined;

  /** All items of a provider share one resource. */
  protected get resource(): Resource | undefined {
    return this.#resource;
  }

  get pendingResource(): Promise<void> | undefined {
    return this.#resource?.asyncAttributesPending ? this.#resource.waitForAsyncAttributes?.() : undefined;
  }

  add(item: Item): void {
    this.#resource ??= item.resource;
    this.append(item);
  }

  protected abstract append(item: Item): void;
}

type Frame = typeof frameTraces;

class SliceBatch<Item extends Scoped> extends Batch<Item> implements ItemBatch<Item> {
  readonly #encoder: ItemEncoder<Item>;
  readonly #frame: Frame;
  readonly #groups = new Map<InstrumentationScope, Uint8Array[]>();
  items = 0;
  /** Items nothing can be made of, e.g. with a malformed id: they would cost the whole request. */
  #unencodable = 0;

  constructor(encoder: ItemEncoder<Item>, frame: Frame) {
    super();
    this.#encoder = encoder;
    this.#frame = frame;
  }

  protected append(item: Item): void {
    this.items += 1;
    const start = writer.at;
    if (!this.#encoder.write(writer, item)) {
      this.#unencodable += 1;
      return;
    }
    const slice = writer.take(start);
    const slices = this.#groups.get(item.instrumentationScope);
    if (slices === undefined) this.#groups.set(item.instrumentationScope, [slice]);
    else slices.push(slice);
  }

  encode(): Encoded {
    const groups = [...this.#groups].map(([scope, slices]) => ({ scope, slices }));
    const { resource } = this;
    const body = resource === undefined || groups.length === 0 ? undefined : this.#frame(resource, groups);
    return {
      body,
      contentType: 'application/x-protobuf',
      items: this.items - this.#unencodable,
      unencodableItems: this.#unencodable,
    };
  }
}

class ObjectBatch<Item extends Scoped> extends Batch<Item> implements ItemBatch<Item> {
  readonly #items: Item[] = [];
  readonly #encodeAll: (items: readonly Item[]) => Encoded;

  constructor(encodeAll: (items: readonly Item[]) => Encoded) {
    super();
    this.#encodeAll = encodeAll;
  }

  get items(): number {
    return this.#items.length;
  }

  protected append(item: Item): void {
    this.#items.push(item);
  }

  encode(): Encoded {
    return this.#encodeAll(this.#items);
  }
}
