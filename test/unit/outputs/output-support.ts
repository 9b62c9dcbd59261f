/** What tests of outputs share. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { redirectNotices } from '../../../src/core/notices.ts';
import type { BatchLimits } from '../../../src/config/config.ts';
import type { DestinationOutput } from '../../../src/outputs/destination-output.ts';
import type { FaultServer } from '../delivery/fault-server.ts';

/** Closes what a test opened, and keeps expected notices off stderr. */
export function tidy(t: TestContext, output: DestinationOutput, server?: FaultServer): string[] {
  const lines: string[] = [];
  const restore = redirectNotices((line) => lines.push(line));
  t.after(async () => {
    output.close();
    await server?.close();
    restore();
  });
  return lines;
}

export const LIMITS: BatchLimits = {
  scheduleDelayMillis: 60_000,
  exportTimeoutMillis: 30_000,
  maxQueueSize: undefined,
  maxExportBatchSize: 512,
};

/** The only destination of a signal. */
export function onlyOutput({ outputs }: { readonly outputs: readonly DestinationOutput[] }): DestinationOutput {
  const [output] = outputs;
  assert.ok(output);
  return output;
}
