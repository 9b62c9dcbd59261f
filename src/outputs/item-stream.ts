/**
 * From the end of an item to the outboxes of its destinations: encoder, log and framing of one signal.
 *
 * Layer: outputs. Loaded with the first item.
 */
import type { Resource } from '@opentelemetry/resources';
import type { Cursor } from '../delivery/cursor.ts';
import type { ItemGroup } from '../delivery/item-parcel.ts';
import { ItemLog, type LogLimits } from '../delivery/item-log.ts';
import type { LaneName } from '../delivery/lane.ts';
import type { ItemFormat, Scoped } from '../encode/item-format.ts';
import { ProtobufWriter } from '../encode/protobuf-writer.ts';
import type { FramedScope } from '../encode/request-frame.ts';
import { toBody } from './body.ts';
import type { DestinationOutput } from './destination-output.ts';
import { shareFrames } from './shared-frame.ts';

/** What one destination is for. Must not throw. */
export interface ItemFilter<Item> {
  /** Whether an item that is complete is for the destination; `undefined`: it is to be held until that is known. */
  isFor(item: Item): boolean | undefined;
  /** Takes what is to be held, and gives it back once. Needed only where `isFor` does not always know. */
  hold?(item: Item, held: HeldItem): void;
}

/** An encoded item that waits for a decision about one destination. */
export interface HeldItem {
  readonly bytes: Uint8Array;
  readonly lane: LaneName;
  readonly group: object;
}

export interface ItemStreamInput<Item extends Scoped> {
  readonly format: ItemFormat<Item>;
  readonly limits: LogLimits;
  readonly outputs: readonly DestinationOutput[];
  /** One per output. */
  readonly filters: readonly (ItemFilter<Item> | undefined)[];
}

export class ItemStream<Item extends Scoped> {
  readonly cursors: readonly Cursor[];
  readonly #format: ItemFormat<Item>;
  readonly #outputs: readonly DestinationOutput[];
  /** `undefined`: everything is for everybody. */
  readonly #filters: readonly (ItemFilter<Item> | undefined)[] | undefined;
  readonly #log: ItemLog;
  readonly #writer = new ProtobufWriter();
  readonly #frame: (groups: readonly ItemGroup[]) => Uint8Array;
  /** All items of a provider share one. */
  #resource: Resource | undefined;

  constructor({ format, limits, outputs, filters }: ItemStreamInput<Item>) {
    this.#format = format;
    this.#outputs = outputs;
    this.#filters = filters.some((filter) => filter !== undefined) ? filters : undefined;
    this.#log = new ItemLog(limits);
    const frame = (groups: readonly ItemGroup[]): Uint8Array => this.#frameItems(groups);
    this.#frame = outputs.length === 1 ? frame : shareFrames(frame);
    this.cursors = outputs.map((output) => this.#openCursor(output));
  }

  append(item: Item): void {
    const verdicts = this.#filters === undefined ? undefined : this.#ask(item, this.#filters);
    if (verdicts !== undefined) return this.#appendToSome(item, verdicts);
    const writer = this.#writer;
    const start = writer.at;
    if (!this.#encode(item, this.#outputs)) return;
    this.#log.append(this.#laneOf(item), writer, start, item.instrumentationScope);
  }

  /** Who does not get the item, or not yet; `undefined`: everybody gets it, which is told without an allocation. */
  #ask(item: Item, filters: readonly (ItemFilter<Item> | undefined)[]): (boolean | undefined)[] | undefined {
    let verdicts: (boolean | undefined)[] | undefined;
    for (let index = 0; index < filters.length; index += 1) {
      const filter = filters[index];
      const isFor = filter === undefined || filter.isFor(item);
      if (isFor === true) continue;
      verdicts ??= filters.map(() => true);
      verdicts[index] = isFor;
    }
    return verdicts;
  }

  /** What was held for an output is for it, or is not. */
  settle(index: number, { bytes, lane, group }: HeldItem, isFor: boolean): void {
    const { account } = this.#outputs[index] as DestinationOutput;
    if (!isFor) return account.filtered(1);
    account.made(1, bytes.length);
    const start = this.#writer.at;
    this.#writer.raw(bytes);
    const others = this.cursors.filter((_, other) => other !== index);
    this.#log.appendToSome(others, lane, this.#writer, start, group);
  }

  #appendToSome(item: Item, verdicts: readonly (boolean | undefined)[]): void {
    const wanting: DestinationOutput[] = [];
    const notFor: Cursor[] = [];
    const holding: number[] = [];
    for (const [index, output] of this.#outputs.entries()) {
      const isFor = verdicts[index];
      if (isFor === true) {
        wanting.push(output);
        continue;
      }
      notFor.push(this.cursors[index] as Cursor);
      if (isFor === false) output.account.filtered(1);
      else holding.push(index);
    }
    const writer = this.#writer;
    const start = writer.at;
    if (wanting.length + holding.length === 0 || !this.#encode(item, wanting, holding)) return;
    const held = holding.length === 0 ? undefined : this.#copy(item, start);
    if (wanting.length === 0) writer.at = start;
    else this.#log.appendToSome(notFor, this.#laneOf(item), writer, start, item.instrumentationScope);
    // Last: to hold one may settle older ones, which uses the writer.
    for (const index of holding) this.#filters?.[index]?.hold?.(item, held as HeldItem);
  }

  /** Memory of its own: a piece of something larger would keep all of that. */
  #copy(item: Item, start: number): HeldItem {
    const bytes = Buffer.allocUnsafeSlow(this.#writer.at - start);
    this.#writer.copyTo(bytes, start);
    return { bytes, lane: this.#laneOf(item), group: item.instrumentationScope };
  }

  /** Writes the item, and counts it for the outputs that want it; `false`: nothing can be made of it. */
  #encode(item: Item, wanting: readonly DestinationOutput[], holding: readonly number[] = []): boolean {
    this.#resource ??= item.resource;
    const writer = this.#writer;
    const start = writer.at;
    if (!this.#format.encoder.write(writer, item)) {
      for (const output of wanting) output.refuse(1, 'unencodable');
      for (const index of holding) this.#outputs[index]?.refuse(1, 'unencodable');
      return false;
    }
    const bytes = writer.at - start;
    for (const { account } of wanting) account.made(1, bytes);
    return true;
  }

  #laneOf(item: Item): LaneName {
    return this.#format.isError(item) ? 'errors' : 'rest';
  }

  #openCursor(output: DestinationOutput): Cursor {
    const { protocol } = output;
    const ready = (): Promise<void> | undefined => this.#ready();
    return this.#log.openCursor({
      frame: (groups) => toBody(this.#frame(groups), this.#format.schema, protocol),
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

  #frameItems(groups: readonly ItemGroup[]): Uint8Array {
    const scopes = groups.map(({ group, slices }) => ({ scope: group as FramedScope, slices }));
    // There are items, so there is a resource.
    return this.#format.frame(this.#resource as Resource, scopes);
  }
}
