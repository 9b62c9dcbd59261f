import type { SpawnSyncOptions, SpawnSyncReturns } from 'node:child_process';

export const ROOT: string;
export const PINNED_NODE: string;
export function runsScripts(version?: string): boolean;
export function ensureNode(version: string): string;
export function runNpm(args: readonly string[], options?: SpawnSyncOptions): SpawnSyncReturns<string>;
