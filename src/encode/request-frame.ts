/**
 * Puts encoded spans, log records or metrics into one export request: resource and scopes once, slices copied in.
 *
 * The requests of all signals have the same shape and field numbers down to the items.
 * Layer: encode. Source: opentelemetry-proto `trace.proto`, `logs.proto`, `metrics.proto` and their collector services.
 */
import type { Attributes } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import { ValueWriter } from './attributes.ts';
import { ProtobufWriter, varintBytes } from './protobuf-writer.ts';
import { currentRedactor } from './redact.ts';

/** A scope as the SDKs hand it out. */
export type FramedScope = InstrumentationScope & {
  readonly attributes?: Attributes;
  readonly droppedAttributesCount?: number;
};

/** Items of one scope, each with tag and length. */
export interface SliceGroup {
  readonly scope: FramedScope;
  readonly slices: readonly Uint8Array[];
}

/** A metric without its data points. */
export interface FramedMetric {
  readonly scope: FramedScope;
  /** Name, description, unit. */
  readonly head: Uint8Array;
  /** Of the message that holds the data points: its kind. */
  readonly dataTag: number;
  /** What follows the data points in that message. */
  readonly tail: Uint8Array;
}

/** Data points of one metric, each with tag and length. */
export interface PointGroup {
  readonly metric: FramedMetric;
  readonly slices: readonly Uint8Array[];
}

/** A message whose length is known once its slices are: what comes before them and after them. */
interface Envelope {
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
}

const RESOURCE_GROUP = 0x0a;
const SCOPE_GROUP = 0x12;
/** Of a scope group an item. */
const ITEM = 0x12;
/** Of a resource group the resource, of a scope group the scope. */
const OWNER = 0x0a;
const SCHEMA_URL = 0x1a;

/** Most bytes of a tag and a length. */
const PREFIX_BYTES = 5;

const values = new ValueWriter(currentRedactor);
const resourceEnvelopes = new WeakMap<Resource, Envelope>();
const scopeEnvelopes = new WeakMap<FramedScope, Envelope>();

/** One `ExportTraceServiceRequest` with the spans of one resource. Groups without slices are left out. */
export function frameTraces(resource: Resource, groups: Iterable<SliceGroup>): Buffer {
  return frame(resource, groups);
}

/** One `ExportLogsServiceRequest` with the log records of one resource. Groups without slices are left out. */
export function frameLogs(resource: Resource, groups: Iterable<SliceGroup>): Buffer {
  return frame(resource, groups);
}

/** One `ExportMetricsServiceRequest` with data points of one resource. */
export function frameMetrics(resource: Resource, groups: Iterable<PointGroup>): Buffer {
  const scopes = new Map<FramedScope, Uint8Array[]>();
  for (const { metric, slices } of groups) {
    const known = scopes.get(metric.scope);
    const framed = known ?? [];
    if (known === undefined) scopes.set(metric.scope, framed);
    let dataLength = metric.tail.length;
    for (const slice of slices) dataLength += slice.length;
    const dataPrefix = lengthPrefix(metric.dataTag, dataLength);
    const length = metric.head.length + dataPrefix.length + dataLength;
    framed.push(lengthPrefix(ITEM, length), metric.head, dataPrefix);
    for (const slice of slices) framed.push(slice);
    framed.push(metric.tail);
  }
  return frame(
    resource,
    [...scopes].map(([scope, slices]) => ({ scope, slices })),
  );
}

/** Bytes {@link frameMetrics} adds to the data points of these metrics, or a few more. */
export function metricFrameBytes(resource: Resource, metrics: Iterable<FramedMetric>): number {
  const scopes = new Set<FramedScope>();
  let bytes = PREFIX_BYTES + sizeOf(resourceEnvelope(resource));
  for (const { scope, head, tail } of metrics) {
    bytes += 2 * PREFIX_BYTES + head.length + tail.length;
    if (scopes.has(scope)) continue;
    scopes.add(scope);
    bytes += PREFIX_BYTES + sizeOf(scopeEnvelope(scope));
  }
  return bytes;
}

function frame(resource: Resource, groups: Iterable<SliceGroup>): Buffer {
  const { head, tail } = resourceEnvelope(resource);
  const parts: Uint8Array[] = [head];
  let length = head.length + tail.length;
  for (const { scope, slices } of groups) {
    if (slices.length === 0) continue;
    const envelope = scopeEnvelope(scope);
    let scopeLength = sizeOf(envelope);
    for (const slice of slices) scopeLength += slice.length;
    const prefix = lengthPrefix(SCOPE_GROUP, scopeLength);
    parts.push(prefix, envelope.head);
    for (const slice of slices) parts.push(slice);
    parts.push(envelope.tail);
    length += prefix.length + scopeLength;
  }
  const prefix = lengthPrefix(RESOURCE_GROUP, length);
  parts.push(tail);
  parts.unshift(prefix);
  return Buffer.concat(parts, prefix.length + length);
}

function lengthPrefix(tag: number, length: number): Uint8Array {
  const prefix = new Uint8Array(1 + varintBytes(length));
  const last = prefix.length - 1;
  prefix[0] = tag;
  let rest = length;
  for (let at = 1; at < last; at++, rest >>>= 7) prefix[at] = (rest & 127) | 128;
  prefix[last] = rest;
  return prefix;
}

/** Kept only once the resource is complete: attributes may still be coming in. */
function resourceEnvelope(resource: Resource): Envelope {
  const known = resourceEnvelopes.get(resource);
  if (known !== undefined) return known;
  const envelope = createEnvelope(resource.schemaUrl, (writer) => {
    writeDropped(writer, 0x10, values.attributes(writer, 0x0a, resource.attributes));
  });
  if (resource.asyncAttributesPending !== true) resourceEnvelopes.set(resource, envelope);
  return envelope;
}

function scopeEnvelope(scope: FramedScope): Envelope {
  let envelope = scopeEnvelopes.get(scope);
  if (envelope === undefined) {
    envelope = createEnvelope(scope.schemaUrl, (writer) => {
      values.text(writer, 0x0a, scope.name);
      if (scope.version) values.text(writer, 0x12, scope.version);
      const leftOut = values.attributes(writer, 0x1a, scope.attributes);
      writeDropped(writer, 0x20, (scope.droppedAttributesCount ?? 0) + leftOut);
    });
    scopeEnvelopes.set(scope, envelope);
  }
  return envelope;
}

function sizeOf({ head, tail }: Envelope): number {
  return head.length + tail.length;
}

function createEnvelope(schemaUrl: string | undefined, writeOwner: (writer: ProtobufWriter) => void): Envelope {
  const writer = new ProtobufWriter(2048);
  const start = writer.begin(OWNER, 2);
  writeOwner(writer);
  writer.end(start, 2);
  const head = writer.take(0);
  if (schemaUrl) writer.text(SCHEMA_URL, schemaUrl);
  return { head, tail: writer.take(0) };
}

function writeDropped(writer: ProtobufWriter, tag: number, count: number): void {
  if (count > 0) writer.integer(tag, count);
}
