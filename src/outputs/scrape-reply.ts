/**
 * Short answers of the Prometheus endpoint: everything that is not a page.
 *
 * Layer: outputs.
 */
import type { ServerResponse } from 'node:http';

/** Answers with one line of text and closes the connection, which spares us from reading whatever body there is. */
export function replyText(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close', ...headers });
  response.end(`${text}\n`);
}
