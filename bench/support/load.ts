/**
 * Load generator on raw sockets: keep-alive connections that each have at most one request under way.
 *
 * Far cheaper than the server it drives, so that it saturates a pinned core from the other one. It recognises the end
 * of a response by the last byte of the body, `}`, which the measured servers guarantee.
 */
import { connect, type Socket } from 'node:net';

const CLOSING_BRACE = 125;
const CONNECTIONS = 32;

export interface LoadPlan {
  readonly port: number;
  /** Stop after this many requests… */
  readonly requests?: number;
  /** …or after this long. */
  readonly millis?: number;
  /** Requests per second; as many as the server answers when left out. */
  readonly rate?: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly perSecond: number;
  /** Milliseconds from due time to answer; only with a `rate`. */
  readonly latencies: readonly number[];
}

/** Runs one burst of load; resolves when every request sent has been answered. */
export async function runLoad(plan: LoadPlan): Promise<LoadResult> {
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => openSocket(plan.port)));
  const from = performance.now();
  const { requests, latencies } = plan.rate === undefined ? await saturate(sockets, plan) : await pace(sockets, plan);
  const seconds = (performance.now() - from) / 1000;
  for (const socket of sockets) socket.destroy();
  return { requests, perSecond: requests / seconds, latencies };
}

function openSocket(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.setNoDelay(true);
    socket.once('error', reject);
  });
}

function requestBytes(port: number): Buffer {
  return Buffer.from(
    `GET /hello HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUser-Agent: load/1.0 (bench)\r\nAccept: */*\r\n\r\n`,
  );
}

interface Burst {
  readonly requests: number;
  readonly latencies: readonly number[];
}

function saturate(sockets: readonly Socket[], { port, requests = Infinity, millis }: LoadPlan): Promise<Burst> {
  const message = requestBytes(port);
  let sent = 0;
  let done = 0;
  let stopped = false;
  if (millis !== undefined) setTimeout(() => (stopped = true), millis);
  return new Promise((resolve, reject) => {
    const send = (socket: Socket): void => {
      sent++;
      socket.write(message);
    };
    for (const socket of sockets) {
      socket.on('data', (data: Buffer) => {
        if (data[data.length - 1] !== CLOSING_BRACE) return;
        done++;
        if (!stopped && sent < requests) send(socket);
        else if (done === sent) resolve({ requests: done, latencies: [] });
      });
      socket.on('close', () => reject(new Error(`the server on port ${port} closed a connection under load`)));
      send(socket);
    }
  });
}

/** Open loop: a request is due at its time whether or not earlier ones were answered, and waits for a free connection. */
function pace(sockets: readonly Socket[], { port, rate = 1000, millis = 1000 }: LoadPlan): Promise<Burst> {
  const message = requestBytes(port);
  const total = Math.round((rate * millis) / 1000);
  const free = [...sockets];
  const dueTimes = new Map<Socket, number>();
  const latencies: number[] = [];
  const from = performance.now();
  let sent = 0;
  return new Promise((resolve, reject) => {
    const send = (): void => {
      const due = Math.min(total, ((performance.now() - from) / 1000) * rate);
      while (sent < due && free.length > 0) {
        const socket = free.pop() as Socket;
        dueTimes.set(socket, from + (sent++ * 1000) / rate);
        socket.write(message);
      }
      if (sent < total) setImmediate(send);
    };
    for (const socket of sockets) {
      socket.on('data', (data: Buffer) => {
        if (data[data.length - 1] !== CLOSING_BRACE) return;
        latencies.push(performance.now() - (dueTimes.get(socket) ?? 0));
        free.push(socket);
        if (latencies.length === total) resolve({ requests: total, latencies });
      });
      socket.on('close', () => reject(new Error(`the server on port ${port} closed a connection under load`)));
    }
    send();
  });
}
