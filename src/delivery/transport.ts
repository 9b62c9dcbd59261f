/**
 * Requests that cannot outlive their deadline, and never reject.
 *
 * Upstream's `timeoutMillis` is an idle timeout: an answer that drips is waited for without end. Here one deadline
 * covers reading certificates, compressing, connecting, sending and the whole answer.
 * Layer: delivery. Loaded with the first request.
 */
import type { Deadline } from '../core/deadline.ts';
import { type Answer, type ConnectionSettings, createConnection } from './connection.ts';
import { loopTimer } from './timer.ts';

/** No complete answer. */
export interface NoAnswer {
  readonly status: 'failed';
  /** `ECONNREFUSED`, `DEPTH_ZERO_SELF_SIGNED_CERT`, …; or one of ours: `DEADLINE`, `CLOSED`, `TLS_FILE`. */
  readonly code: string;
  readonly message: string;
}

export type TransportResult = Answer | NoAnswer;

/** Sends bodies to one address over kept-alive connections. */
export interface Transport {
  /** Sends one body; never rejects and always settles by the deadline. */
  post(body: Uint8Array, contentType: string, deadline: Deadline): Promise<TransportResult>;
  /** Ends all requests at once, later ones too; their result has the code `CLOSED`. */
  close(): void;
}

const ENDED: NoAnswer = { status: 'failed', code: 'CLOSED', message: 'delivery has ended' };

/** Makes a transport; nothing is opened or read before the first request. */
export function createTransport(destination: ConnectionSettings): Transport {
  const live = new Set<(result: TransportResult) => void>();
  const connection = createConnection(destination);
  let closed = false;

  const post: Transport['post'] = (body, contentType, deadline) => {
    if (closed) return Promise.resolve(ENDED);
    return new Promise((resolve) => {
      const abort = new AbortController();
      const settle = (result: TransportResult): void => {
        cancelTimer();
        live.delete(settle);
        resolve(result);
        if (result.status === 'failed') abort.abort();
      };
      const budgetMillis = deadline.remainingMillis();
      const late = (): void =>
        settle({ ...ENDED, code: 'DEADLINE', message: `no answer in ${Math.round(budgetMillis)} ms` });
      const cancelTimer = loopTimer(late, budgetMillis);
      live.add(settle);
      connection
        .exchange({ body, contentType, signal: abort.signal })
        .then(settle, (cause) => settle(withoutAnswer(cause)));
    });
  };

  return {
    post,
    close: () => {
      closed = true;
      for (const settle of live) settle(ENDED);
      connection.close();
    },
  };
}

function withoutAnswer(cause: unknown): NoAnswer {
  const { code, message } = cause as NodeJS.ErrnoException;
  return { status: 'failed', code: code ?? 'FAILED', message: message || (code ?? 'failed') };
}
