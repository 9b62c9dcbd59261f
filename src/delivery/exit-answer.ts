/**
 * The answer the exit worker hands back, bytes as they came, as the transport on the loop would have read it.
 *
 * Layer: delivery. Loaded at the exit. Source: RFC 9112 §5 and §7.1.
 */
import type { Answer } from './connection.ts';

/** Reads header fields and body; a body that was cut is read as far as it goes. */
export function readExitAnswer(statusCode: number, bytes: Uint8Array): Answer {
  const text = Buffer.from(bytes).toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const headers = readFields(end < 0 ? text : text.slice(0, end));
  const body = end < 0 ? new Uint8Array() : bytes.subarray(end + 4);
  const isChunked = headers['transfer-encoding']?.includes('chunked') === true;
  const length = Number(headers['content-length'] ?? Number.NaN);
  return {
    status: 'answered',
    statusCode,
    headers,
    body: isChunked ? joinChunks(body) : body.subarray(0, Number.isNaN(length) ? undefined : length),
  };
}

function readFields(text: string): Record<string, string> {
  const lines = text.split('\r\n').map((line) => /^([^:]+):\s*(.*?)\s*$/.exec(line));
  return Object.fromEntries(lines.flatMap((match) => (match === null ? [] : [[match[1]?.toLowerCase(), match[2]]])));
}

function joinChunks(body: Uint8Array): Uint8Array {
  const text = Buffer.from(body).toString('latin1');
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < text.length;) {
    const lineEnd = text.indexOf('\r\n', at);
    const bytes = Number.parseInt(text.slice(at, lineEnd), 16);
    if (lineEnd < 0 || !(bytes > 0)) break;
    chunks.push(body.subarray(lineEnd + 2, lineEnd + 2 + bytes));
    at = lineEnd + 2 + bytes + 2;
  }
  return Buffer.concat(chunks);
}
