/**
 * Bucket boundaries of durations in seconds.
 *
 * The SDK's own default (0 to 10 000) puts every duration in seconds into its first bucket.
 * Layer: encode. Source: semantic conventions, `http.server.request.duration`.
 */
export const SECONDS_BOUNDARIES: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
];
