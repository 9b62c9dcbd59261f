/**
 * What stacks of built files can be mapped by, for whoever checks a deployment.
 *
 * Layer: run.
 */

/** How stacks find their sources. */
export interface SourceMapStatus {
  /** Node.js maps stacks itself: `--enable-source-maps`. */
  readonly enabled: boolean;
  /** Loaded files that carry the id of an uploaded source map. */
  readonly debugIds: number;
}

/** Where build tools leave the ids. Source: develop.sentry.dev, "Debug IDs"; TC39, "Source Map Debug ID". */
const ID_HOLDERS = ['_sentryDebugIds', '_debugIds'] as const;

/** As of now: a file adds its id when it is loaded. */
export function describeSourceMaps(): SourceMapStatus {
  const holders = globalThis as { readonly [name in (typeof ID_HOLDERS)[number]]?: Readonly<Record<string, string>> };
  const stacks = new Set(ID_HOLDERS.flatMap((name) => Object.keys(holders[name] ?? {})));
  return { enabled: process.sourceMapsEnabled, debugIds: stacks.size };
}
