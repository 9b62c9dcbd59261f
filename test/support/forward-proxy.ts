/** A small HTTP proxy: absolute addresses and CONNECT tunnels, as RFC 9110 §7.3 and §9.3.6 have them. */
import { createServer, type IncomingHttpHeaders, request as httpRequest } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Owner } from './backends.ts';

/** One request of a client, as the proxy saw it. */
export interface Seen {
  readonly method: string | undefined;
  readonly target: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** A running proxy. */
export interface Proxy {
  /** @param credential - user info with its `@` */
  readonly url: (credential?: string) => string;
  readonly seen: Seen[];
}

/** A forwarding and tunnelling proxy that knows `*.test`; `refuse` is the status it answers everything with. */
export async function startProxy(owner: Owner, refuse?: number): Promise<Proxy> {
  const seen: Seen[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    const { method, url: target, headers } = request;
    seen.push({ method, target, headers });
    if (refuse !== undefined) {
      response.writeHead(refuse).end();
      return;
    }
    const forwarded = httpRequest(target ?? '', { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    forwarded.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
    request.pipe(forwarded);
  });
  server.on('connect', (request, socket: Socket) => {
    const { method, url: target, headers } = request;
    seen.push({ method, target, headers });
    socket.on('error', () => undefined);
    if (refuse !== undefined) {
      socket.end(`HTTP/1.1 ${refuse} ${headers['proxy-authorization'] ?? 'No'}\r\n\r\n`);
      return;
    }
    const [host = '', port] = (target ?? '').split(':');
    const onward = connect({ host: host.endsWith('.test') ? '127.0.0.1' : host, port: Number(port) }, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    sockets.add(onward);
    onward.on('error', () => socket.destroy());
  });
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  owner.after(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { seen, url: (credential = '') => `http://${credential}localhost:${port}` };
}
