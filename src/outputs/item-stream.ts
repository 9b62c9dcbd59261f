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
import type { Body } from '../delivery/outbox.ts';
import type { ItemFormat, Scoped } from '../encode/item-format.ts';
import { ProtobufWriter } from '../encode/protobuf-writer.ts';
import type { FramedScope } from '../encode/request-frame.ts';
import { toBody } from './body.ts';
import type { OtlpOutput } from './otlp-output.ts';

export class ItemStream<Item extends Scoped> {
  readonly cursors: readonly Cursor[];
  readonly #format: ItemFormat<Item>;
  readonly #outputs: readonly OtlpOutput[];
  readonly #log: ItemLog;
  readonly #writer = new ProtobufWriter();
  /** All items of a provider share one. */
  #resource: Resource | undefined;

  constructor(format: ItemFormat<Item>, limits: LogLimits, outputs: readonly OtlpOutput[]) {
    this.#format = format;
    this.#outputs = outputs;
    this.#log = new ItemLog(limits);
    this.cursors = outputs.map((output) => this.#openCursor(output));
  }

  append(item: Item): void {
    this.#resource ??= item.resource;
    const writer = this.#writer;
    const start = writer.at;
    if (!this.#format.encoder.write(writer, item)) {
      for (const output of this.#outputs) output.refuse(1, 'unencodable');
      return;
    }
    const bytes = writer.at - start;
    for (const { account } of this.#outputs) account.made(1, bytes);
    this.#log.append(this.#format.isError(item) ? 'errors' : 'rest', writer, start, item.instrumentationScope);
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
