/**
 * From a metric snapshot to the outboxes of its destinations.
 *
 * Layer: outputs. Loaded with the first snapshot.
 */
import type { Resource } from '@opentelemetry/resources';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { Protocol } from '../config/config.ts';
import { runAtOnce, runInSlices, type Steps } from '../core/slices.ts';
import type { ItemGroup } from '../delivery/item-parcel.ts';
import { Lane } from '../delivery/lane.ts';
import type { Body } from '../delivery/outbox.ts';
import { SnapshotQueue } from '../delivery/snapshot-queue.ts';
import { MetricEncoder } from '../encode/metrics.ts';
import { METRICS_REQUEST } from '../encode/otlp-schema.ts';
import { currentRedactor } from '../encode/redact.ts';
import { type FramedMetric, frameMetrics, metricFrameBytes } from '../encode/request-frame.ts';
import { toBody } from './body.ts';
import type { DestinationOutput } from './destination-output.ts';

/** Most bytes of delta snapshots that wait for one destination. Source: DESIGN §2. */
const LIMIT_BYTES = 4 * 2 ** 20;

/**
 * JSON has up to three times the bytes of protobuf, and takes 20 ms of the event loop for each megabyte of that to be
 * made: smaller requests hold it for less.
 */
const JSON_WEIGHT = 6;

/** A snapshot as bytes. */
interface Encoded {
  readonly points: Lane;
  /** Data points no valid OTLP can be made of. */
  readonly unencodableItems: number;
}

/** Which destinations a snapshot is for. */
export type IsWanted = (output: DestinationOutput) => boolean;

export class SnapshotStream {
  readonly queues: readonly SnapshotQueue[];
  readonly #outputs: readonly DestinationOutput[];
  readonly #encoder = new MetricEncoder(currentRedactor);
  /** All snapshots of a provider share one. */
  #resource: Resource | undefined;
  /** Settles when the snapshots so far are queued. */
  #appended: Promise<void> = Promise.resolve();

  /** @param isCumulative - whether a newer snapshot replaces those that wait for a destination; asked for each */
  constructor(outputs: readonly DestinationOutput[], isCumulative: IsWanted) {
    this.#outputs = outputs;
    this.queues = outputs.map((output) => this.#openQueue(output, () => isCumulative(output)));
  }

  /**
   * Encodes a snapshot once, in slices, and queues it for those of the destinations that want it, after those that came
   * before it.
   */
  append(snapshot: ResourceMetrics, isWanted: IsWanted): Promise<void> {
    const appended = this.#appended.then(async () => this.#queue(await runInSlices(this.#encode(snapshot)), isWanted));
    this.#appended = appended.catch(() => undefined);
    return appended;
  }

  /** Like {@link append}, at once. */
  appendNow(snapshot: ResourceMetrics, isWanted: IsWanted): void {
    this.#queue(runAtOnce(this.#encode(snapshot)), isWanted);
  }

  *#encode(snapshot: ResourceMetrics): Steps<Encoded> {
    this.#resource ??= snapshot.resource;
    const points = new Lane();
    const unencodableItems = yield* this.#encoder.encode(snapshot, (writer, start, metric) =>
      points.append(writer, start, metric),
    );
    return { points, unencodableItems };
  }

  #queue({ points, unencodableItems }: Encoded, isWanted: IsWanted): void {
    for (const [index, output] of this.#outputs.entries()) {
      if (!isWanted(output)) continue;
      if (unencodableItems > 0) output.refuse(unencodableItems, 'unencodable');
      if (points.end === 0) continue;
      // Delivery may have ended while the snapshot was encoded.
      if (output.isClosed) output.refuse(points.end, 'closed');
      else {
        output.account.made(points.end, points.madeBytes);
        this.queues[index]?.put(points);
      }
    }
  }

  #openQueue(output: DestinationOutput, isSuperseding: () => boolean): SnapshotQueue {
    const ready = (): Promise<void> | undefined => this.#ready();
    return new SnapshotQueue({
      get isSuperseding() {
        return isSuperseding();
      },
      limitBytes: LIMIT_BYTES,
      frame: (groups) => this.#frame(groups, output.protocol),
      requestBytes: (pointBytes, groups) => this.#requestBytes(pointBytes, groups, output.protocol),
      get ready() {
        return ready();
      },
      superseded: (items, bytes) => output.account.dropped('superseded', items, bytes),
      overrun: (items, bytes) => output.overrun(items, bytes),
    });
  }

  /** Detectors of a foreign SDK may still be looking for attributes of the resource. */
  #ready(): Promise<void> | undefined {
    return this.#resource?.asyncAttributesPending ? this.#resource.waitForAsyncAttributes?.() : undefined;
  }

  #requestBytes(pointBytes: number, groups: ReadonlySet<object>, protocol: Protocol): number {
    const frameBytes = metricFrameBytes(this.#resource as Resource, groups as ReadonlySet<FramedMetric>);
    return (pointBytes + frameBytes) * (protocol === 'http/json' ? JSON_WEIGHT : 1);
  }

  #frame(groups: readonly ItemGroup[], protocol: Protocol): Body {
    const metrics = groups.map(({ group, slices }) => ({ metric: group as FramedMetric, slices }));
    // There are points, so there is a resource.
    return toBody(frameMetrics(this.#resource as Resource, metrics), METRICS_REQUEST, protocol);
  }
}
