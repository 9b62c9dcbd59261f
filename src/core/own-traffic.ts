/**
 * Marks what belongs to telemetry itself, so that it is never observed by telemetry.
 *
 * Outgoing requests carry OpenTelemetry's suppression flag in their context; what has no context of its own
 * (our listeners) is marked here.
 * Layer: core. Written by `outputs/` and `receiver/`, read by `instrument/`.
 */

const ours = new WeakSet<object>();

/** Marks a server as telemetry's own: its requests make no spans, metrics or logs. */
export function markOwn<T extends object>(server: T): T {
  ours.add(server);
  return server;
}

/** Whether a server was marked with {@link markOwn}. */
export function isOwn(server: object): boolean {
  return ours.has(server);
}
