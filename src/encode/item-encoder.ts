/**
 * What encodes the items of one signal, one at a time.
 *
 * Layer: encode.
 */
import type { ProtobufWriter } from './protobuf-writer.ts';

export interface ItemEncoder<Item> {
  /**
   * Appends one item to `writer` as it stands in the list of its scope, with tag and length.
   *
   * Parts that cannot be written are left out and added to the dropped counts of the item. Never throws; failures are
   * in `status().degraded`.
   *
   * @returns whether anything could be made of the item; if not, the writer is as it was
   */
  write(writer: ProtobufWriter, item: Item): boolean;
}
