/** One HTTP request on a fresh connection, as raw as a test needs it. */
import { connect } from 'node:net';
import { type IncomingHttpHeaders, request } from 'node:http';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface HttpTarget {
  readonly host: string;
  readonly port: number;
}

/** Sends a request and reads the whole answer. */
export function httpRequest(
  target: HttpTarget,
  {
    path = '/metrics',
    method = 'GET',
    headers = {},
  }: { path?: string; method?: string; headers?: Record<string, string> } = {},
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request({ ...target, path, method, headers, agent: false, timeout: 10_000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    sent.on('error', reject);
    sent.on('timeout', () => sent.destroy(new Error('no answer in 10 s')));
    sent.end();
  });
}

/** Writes bytes and waits until the peer answers or hangs up; resolves to what it sent. */
export function rawRequest({ host, port }: HttpTarget, bytes: Uint8Array, patienceMillis: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => socket.end(bytes));
    let answer = '';
    socket.setTimeout(patienceMillis, () => socket.destroy());
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
  });
}
