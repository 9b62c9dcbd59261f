/**
 * The door to tail sampling: off, it costs nothing.
 *
 * Layer: traces.
 */
import { createRequire } from 'node:module';
import type { TailPolicy } from '../config/config.ts';
import type * as tailBufferModule from './tail-buffer.ts';
import type { TailBuffer, TailBufferInput } from './tail-buffer.ts';

const load = createRequire(import.meta.url);

/** The buffer in front of processors; `undefined` without a policy, or when nobody gets spans. */
export function createTail({
  policy,
  ...others
}: Omit<TailBufferInput, 'policy'> & { readonly policy: TailPolicy | undefined }): TailBuffer | undefined {
  if (policy === undefined || others.next.length === 0) return undefined;
  const { TailBuffer } = load('./tail-buffer.ts') as typeof tailBufferModule;
  return new TailBuffer({ ...others, policy });
}
