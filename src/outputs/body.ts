/**
 * A request of ours in the encoding its destination wants.
 *
 * Layer: outputs.
 */
import { createRequire } from 'node:module';
import type { Protocol } from '../config/config.ts';
import type { Body } from '../delivery/outbox.ts';
import type * as otlpJsonModule from '../encode/otlp-json.ts';
import type { Schema } from '../encode/otlp-schema.ts';

const load = createRequire(import.meta.url);

/** @param bytes - the request as protobuf, by `schema` */
export function toBody(bytes: Uint8Array, schema: Schema, protocol: Protocol): Body {
  if (protocol === 'http/protobuf') return { bytes, contentType: 'application/x-protobuf' };
  const { toOtlpJson } = load('../encode/otlp-json.ts') as typeof otlpJsonModule;
  return { bytes: toOtlpJson(schema, bytes), contentType: 'application/json' };
}
