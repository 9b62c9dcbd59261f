/**
 * Reads Sentry envelopes: a header line, then items of a header line and a payload, whose length the header gives;
 * without one the payload ends at the next newline.
 *
 * Source: develop.sentry.dev, Envelopes.
 * Layer: receiver.
 */
import type { Decoded } from './message.ts';
import type { ReceivedEnvelope, ReceivedEnvelopeItem } from './received.ts';

const NEWLINE = 10;

/** Decodes the one envelope that was sent to `project`. */
export function decodeEnvelope(body: Uint8Array, project: string): Decoded<ReceivedEnvelope[]> {
  const [headerBytes, itemsAt] = lineAt(body, 0);
  const header = parseObject(headerBytes);
  if (header === undefined) return { ok: false, reason: 'the envelope header is not a JSON object' };
  const items: ReceivedEnvelopeItem[] = [];
  for (let at = itemsAt; at < body.length;) {
    const [itemHeaderBytes, payloadAt] = lineAt(body, at);
    at = payloadAt;
    if (itemHeaderBytes.length === 0) continue;
    const itemHeader = parseObject(itemHeaderBytes);
    if (itemHeader === undefined) return { ok: false, reason: 'an item header is not a JSON object' };
    const payload = payloadOf(body, payloadAt, itemHeader['length']);
    if (payload === undefined) return { ok: false, reason: 'the length of an item goes past the end of the envelope' };
    const type = typeof itemHeader['type'] === 'string' ? itemHeader['type'] : '';
    items.push({ type, header: itemHeader, payload: parsePayload(payload.bytes) });
    at = payload.next;
  }
  return { ok: true, value: [{ project, header, items }] };
}

/** The line that starts at `start`, and where the next one starts. */
function lineAt(body: Uint8Array, start: number): [line: Uint8Array, next: number] {
  const newline = body.indexOf(NEWLINE, start);
  const end = newline === -1 ? body.length : newline;
  return [body.subarray(start, end), end + 1];
}

function payloadOf(body: Uint8Array, start: number, length: unknown): { bytes: Uint8Array; next: number } | undefined {
  if (typeof length !== 'number') {
    const [bytes, next] = lineAt(body, start);
    return { bytes, next };
  }
  const end = start + length;
  // A last item of length 0 may end without the newline that would start its payload.
  if (!Number.isInteger(length) || length < 0 || end > Math.max(start, body.length)) return undefined;
  return { bytes: body.subarray(start, end), next: end + 1 };
}

function parseObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  const value = parseJson(bytes);
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** Attachments and replays are bytes; everything else is JSON. */
function parsePayload(bytes: Uint8Array): unknown {
  return parseJson(bytes) ?? Uint8Array.from(bytes);
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
  } catch {
    return undefined;
  }
}
