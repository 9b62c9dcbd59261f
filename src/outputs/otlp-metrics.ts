/**
 * OTLP destinations of metrics: a push for our own readers.
 *
 * Destinations may want different snapshots: totals, or one of two kinds of deltas.
 * Layer: outputs. Loaded at start-up.
 */
import { createRequire } from 'node:module';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { DeltaPreference, OtlpDestination, TemporalityPreference } from '../config/config.ts';
import { guard, guardAsync } from '../core/guard.ts';
import { notify } from '../core/notices.ts';
import { displayUrl } from '../delivery/account.ts';
import type { Cause } from '../delivery/cause.ts';
import type { Outbox } from '../delivery/outbox.ts';
import { countPoints } from '../encode/count-points.ts';
import { DestinationOutput } from './destination-output.ts';
import type * as snapshotStreamModule from './snapshot-stream.ts';
import type { IsWanted, SnapshotStream } from './snapshot-stream.ts';

const load = createRequire(import.meta.url);

export interface OtlpMetricInput {
  readonly destinations: readonly OtlpDestination[];
  /** Called when anything may have become pending, or ceased to be. */
  readonly onPending?: (() => void) | undefined;
  /** The totals of this moment, for a destination that refuses deltas. Default: it waits for the next ones. */
  readonly totals?: () => ResourceMetrics | undefined;
}

/** Metric snapshots to their destinations. Nothing it does throws; nothing is loaded before the first snapshot. */
export class OtlpMetricPush {
  /** One per destination. */
  readonly outputs: readonly DestinationOutput[];
  /** The deltas that destinations ask for, each once. */
  readonly deltas: readonly DeltaPreference[];
  readonly #temporalities: Map<DestinationOutput, TemporalityPreference>;
  readonly #totals: () => ResourceMetrics | undefined;
  #stream: SnapshotStream | undefined;

  constructor({ destinations, onPending, totals = () => undefined }: OtlpMetricInput) {
    this.#totals = totals;
    this.outputs = destinations.map((destination, index): DestinationOutput => {
      const outbox = (): Outbox => this.#open().queues[index] as Outbox;
      const replace = (cause: Cause): boolean =>
        guard('outputs.otlp.temporality', () => this.#replaceDeltas(index, destination, cause), false);
      return new DestinationOutput({ signal: 'metrics', destination, fullItems: Infinity, outbox, onPending, replace });
    });
    const wanted = destinations.map(({ temporality }) => temporality ?? 'cumulative');
    this.#temporalities = new Map(this.outputs.map((output, index) => [output, wanted[index] ?? 'cumulative']));
    this.deltas = [...new Set(wanted)].filter((temporality) => temporality !== 'cumulative');
  }

  /** Whether a destination takes such snapshots: one that refuses deltas gets totals for good. */
  takes(temporality: TemporalityPreference): boolean {
    return [...this.#temporalities.values()].includes(temporality);
  }

  /**
   * Queues a snapshot for the destinations that want its temporality, and sends it; settles when it is queued. Lets the
   * event loop run while it is encoded.
   */
  async push(snapshot: ResourceMetrics, temporality: TemporalityPreference = 'cumulative'): Promise<void> {
    const isWanted = this.#wants(temporality);
    if (this.#isRefused(snapshot, isWanted)) return;
    await guardAsync('outputs.otlp.metrics', () => this.#open().append(snapshot, isWanted), undefined);
    for (const output of this.outputs) output.wake(true);
  }

  /** Queues a snapshot at once, for the exit; those that are still being encoded come too late then. */
  queue(snapshot: ResourceMetrics, temporality: TemporalityPreference = 'cumulative'): void {
    this.#queueFor(snapshot, this.#wants(temporality));
  }

  #wants(temporality: TemporalityPreference): IsWanted {
    return (output) => this.#temporalities.get(output) === temporality;
  }

  #queueFor(snapshot: ResourceMetrics, isWanted: IsWanted): void {
    if (this.#isRefused(snapshot, isWanted)) return;
    guard('outputs.otlp.metrics', () => this.#open().appendNow(snapshot, isWanted), undefined);
  }

  /** Whether there is nobody to take the snapshot: it is counted where delivery has ended. */
  #isRefused(snapshot: ResourceMetrics, isWanted: IsWanted): boolean {
    const outputs = this.outputs.filter(isWanted);
    if (outputs[0]?.isClosed === true) for (const output of outputs) output.refuse(countPoints(snapshot), 'closed');
    return outputs[0]?.isClosed !== false;
  }

  /** Whether `cause` says that the destination takes no deltas; if so, it gets totals from now on. */
  #replaceDeltas(index: number, { url }: OtlpDestination, cause: Cause): boolean {
    const output = this.outputs[index];
    if (output === undefined || this.#temporalities.get(output) === 'cumulative' || !refusesDeltas(cause)) return false;
    this.#temporalities.set(output, 'cumulative');
    notify({
      code: 'DUOTEL_CONFIG_CONFLICT',
      message:
        `${displayUrl(url)} does not take deltas: ${cause.text}. It gets totals, cumulative, from now on; nothing is ` +
        'lost. Remove OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE, or the option temporality.',
    });
    this.#forgetWaiting(index, output);
    const totals = this.#totals();
    if (totals !== undefined) this.#queueFor(totals, (each) => each === output);
    return true;
  }

  /** The totals say all that waiting deltas would have said. */
  #forgetWaiting(index: number, { account }: DestinationOutput): void {
    const queue = this.#open().queues[index];
    const all = { items: Infinity, bytes: Infinity };
    for (let delta = queue?.take(all); delta !== undefined; delta = queue?.take(all)) {
      account.dropped('superseded', delta.items, delta.bytes);
    }
  }

  #open(): SnapshotStream {
    const { SnapshotStream } = load('./snapshot-stream.ts') as typeof snapshotStreamModule;
    return (this.#stream ??= new SnapshotStream(
      this.outputs,
      (output) => this.#temporalities.get(output) === 'cumulative',
    ));
  }
}

/** What refuses totals may name both. */
const REFUSES_TOTALS = /(not |un)support\w* [^.;,:]*cumulative|cumulative [^.;,:]*(not |un)support/i;

/** Words of Prometheus and Mimir: "invalid temporality and type combination for metric". */
function refusesDeltas({ code, text }: Cause): boolean {
  return code === '400' && /temporality|\bdelta\b/i.test(text) && !REFUSES_TOTALS.test(text);
}
