/** A receiver for the length of a test, and a sender with the smallest bodies that are telemetry. */
import type { TestContext } from 'node:test';
import { startReceiver, type Receiver, type ReceiverOptions } from '../../../src/testing.ts';
import { wireField, wireMessage } from './protobuf-bytes.ts';

export const PROTOBUF: Record<string, string> = { 'content-type': 'application/x-protobuf' };
export const JSON_TYPE: Record<string, string> = { 'content-type': 'application/json' };

export async function started(context: TestContext, options: ReceiverOptions = {}): Promise<Receiver> {
  const receiver = await startReceiver(options);
  context.after(() => receiver.close());
  return receiver;
}

export function spanJson(name: string, more: object = {}): string {
  return JSON.stringify({
    resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), name, ...more }] }] }],
  });
}

export function spanProtobuf(name: string): Uint8Array {
  return wireMessage(1, wireMessage(2, wireMessage(2, wireField(5, name))));
}

export function post(
  url: string,
  body: string | Uint8Array,
  headers: Record<string, string> = JSON_TYPE,
): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers,
    body: Buffer.from(body as Uint8Array),
    signal: AbortSignal.timeout(5000),
  });
}
