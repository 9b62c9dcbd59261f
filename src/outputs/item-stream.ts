/**
 * From the end of an item to the outboxes of its destinations: encoder, log and framing of one signal.
 *
 * Layer: outputs. Loaded with the first item.
 */
import type { Resource } from '@opentelemetry/resources';
import type { Protocol } from '../config/config.ts';
import type { Cursor } from '../delivery/cursor.ts';
import type { ItemGroup } from '../delivery/item-parcel.ts';
import { ItemLog, type LogLimits } from '../delivery/item-log.ts';
import type { LaneName } from '../delivery/lane.ts';
import type { Body } from '../delivery/outbox.ts';
import type { ItemFormat, Scoped } from '../encode/item-format.ts';
import { ProtobufWriter } from '../encode/protobuf-writer.ts';
import type { FramedScope } from '../encode/request-frame.ts';
import { toBody } from './body.ts';
import type { OtlpOutput } from './otlp-output.ts';

/** Whether an item is for one destination; `undefined`: all are. Must not throw. */
export type ItemFilter<Item> = ((item: Item) => boolean) | undefined;

export interface ItemStreamInput<Item extends Scoped> {
  readonly format: ItemFormat<Item>;
  readonly limits: LogLimits;
  readonly outputs: readonly OtlpOutput[];
  /** One per output. */
  readonly filters: readonly ItemFilter<Item>[];
}

export class ItemStream<Item extends Scoped> {
  readonly cursors: readonly Cursor[];
  readonly #format: ItemFormat<Item>;
  readonly #outputs: readonly OtlpOutput[];
  /** `undefined`: everything is for everybody. */
  readonly #filters: readonly ItemFilter<Item>[] | undefined;
  readonly #log: ItemLog;
  readonly #writer = new ProtobufWriter();
  /** All items of a provider share one. */
  #resource: Resource | undefined;

  constructor({ format, limits, outputs, filters }: ItemStreamInput<Item>) {
    this.#format = format;
    this.#outputs = outputs;
    this.#filters = filters.some((filter) => filter !== undefined) ? filters : undefined;
    this.#log = new ItemLog(limits);
    this.cursors = outputs.map((output) => this.#openCursor(output));
  }

  append(item: Item): void {
    if (this.#filters !== undefined) return this.#appendToSome(item, this.#filters);
    const writer = this.#writer;
    const start = writer.at;
    if (!this.#encode(item, this.#outputs)) return;
    this.#log.append(this.#laneOf(item), writer, start, item.instrumentationScope);
  }

  #appendToSome(item: Item, filters: readonly ItemFilter<Item>[]): void {
    const wanting: OtlpOutput[] = [];
    const notFor: Cursor[] = [];
    for (const [index, output] of this.#outputs.entries()) {
      if (filters[index]?.(item) === false) {
        output.account.filtered(1);
        notFor.push(this.cursors[index] as Cursor);
      } else wanting.push(output);
    }
    const writer = this.#writer;
    const start = writer.at;
    if (wanting.length === 0 || !this.#encode(item, wanting)) return;
    this.#log.appendToSome(notFor, this.#laneOf(item), writer, start, item.instrumentationScope);
  }

  /** Writes the item, and counts it for the outputs that want it; `false`: nothing can be made of it. */
  #encode(item: Item, wanting: readonly OtlpOutput[]): boolean {
    this.#resource ??= item.resource;
    const writer = this.#writer;
    const start = writer.at;
    if (!this.#format.encoder.write(writer, item)) {
      for (const output of wanting) output.refuse(1, 'unencodable');
      return false;
    }
    const bytes = writer.at - start;
    for (const { account } of wanting) account.made(1, bytes);
    return true;
  }

  #laneOf(item: Item): LaneName {
    return this.#format.isError(item) ? 'errors' : 'rest';
  }

  #openCursor(output: OtlpOutput): Cursor {
    const { protocol } = output;
    const ready = (): Promise<void> | undefined => this.#ready();
    return this.#log.openCursor({
      frame: (groups) => this.#frame(groups, protocol),
      get ready() {
        return ready();
      },
      overrun: (items, bytes) => output.overrun(items, bytes),
    });
  }

  /** Detectors of a foreign SDK may still be looking for attributes of the resource. */
  #ready(): Promise<void> | undefined {
    return this.#resource?.asyncAttributesPending ? this.#resource.waitForAsyncAttributes?.() : undefined;
  }

  #frame(groups: readonly ItemGroup[], protocol: Protocol): Body {
    const scopes = groups.map(({ group, slices }) => ({ scope: group as FramedScope, slices }));
    // There are items, so there is a resource.
    return toBody(this.#format.frame(this.#resource as Resource, scopes), this.#format.schema, protocol);
  }
}
