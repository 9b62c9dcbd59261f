/**
 * From a metric snapshot to the outboxes of its destinations.
 *
 * Layer: outputs. Loaded with the first snapshot.
 */
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { Body } from '../delivery/outbox.ts';
import { SnapshotQueue } from '../delivery/snapshot-queue.ts';
import { encodeMetrics } from '../encode/metrics.ts';
import { METRICS_REQUEST } from '../encode/otlp-schema.ts';
import { toBody } from './body.ts';
import type { OtlpOutput } from './otlp-output.ts';

/** Most bytes of delta snapshots that wait for one destination. Source: DESIGN §2. */
const LIMIT_BYTES = 4 * 2 ** 20;

export class SnapshotStream {
  readonly queues: readonly SnapshotQueue[];
  readonly #outputs: readonly OtlpOutput[];

  /** @param isCumulative - whether a newer snapshot replaces those that wait for a destination; asked for each */
  constructor(outputs: readonly OtlpOutput[], isCumulative: (output: OtlpOutput) => boolean) {
    this.#outputs = outputs;
    this.queues = outputs.map(
      (output) =>
        new SnapshotQueue({
          get isSuperseding() {
            return isCumulative(output);
          },
          limitBytes: LIMIT_BYTES,
          superseded: (items, bytes) => output.account.dropped('superseded', items, bytes),
          overrun: (items, bytes) => output.overrun(items, bytes),
        }),
    );
  }

  /** Encodes a snapshot once and queues it for those of the destinations that want it. */
  append(snapshot: ResourceMetrics, isWanted: (output: OtlpOutput) => boolean): void {
    const { bytes, items, unencodableItems } = encodeMetrics(snapshot);
    for (const [index, output] of this.#outputs.entries()) {
      if (!isWanted(output)) continue;
      if (unencodableItems > 0) output.refuse(unencodableItems, 'unencodable');
      if (bytes === undefined) continue;
      output.account.made(items, bytes.length);
      const body = (): Body => toBody(bytes, METRICS_REQUEST, output.protocol);
      this.queues[index]?.put({ items, bytes: bytes.length, body });
    }
  }
}
