/**
 * The two ways a request ends without its response being closed.
 *
 * Layer: instrument.
 */
import type { Socket } from 'node:net';
import { noteUncaught } from '../request/error-place.ts';
import { createAttachment } from './attachment.ts';
import type { ServerExchange, ServerExchanges } from './server-exchange.ts';

const queues = createAttachment<Set<ServerExchange>>();

/**
 * Ends a pipelined request when its connection closes before its response had its turn: Node closes only the response
 * that holds the socket.
 */
export function endWithConnection(exchange: ServerExchange, socket: Socket, exchanges: ServerExchanges): void {
  let queue = queues.of(socket);
  if (queue === undefined) {
    queues.attach(socket, (queue = new Set()));
    const queued = queue;
    // One listener per connection: one per request would raise the warning about leaking listeners.
    socket.once('close', () => {
      for (const waiting of queued) exchanges.end(waiting);
    });
  }
  queue.add(exchange);
  // A connection may live for long: let go of what has ended by itself.
  for (const waiting of queue) if (waiting.ended) queue.delete(waiting);
}

/**
 * Ends a request whose listener threw, if nobody catches the error.
 *
 * The error itself is only seen where the process reports it; somebody further out may catch it first and still
 * answer the request, which then ends as usual.
 */
export function endIfUncaught(exchange: ServerExchange, exchanges: ServerExchanges): void {
  const end = (error: unknown): void => {
    noteUncaught(error, exchange.context);
    exchanges.end(exchange, { error });
  };
  process.prependOnceListener('uncaughtExceptionMonitor', end);
  process.nextTick(() => process.off('uncaughtExceptionMonitor', end));
}
