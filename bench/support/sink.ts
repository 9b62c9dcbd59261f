/** Starts and asks the discarding receiver, which runs in a process of its own. */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { BENCH } from './peers.ts';
import { answerFrom, cleanEnvironment, stop, track } from './processes.ts';

export interface SinkCount {
  readonly requests: number;
  readonly bytes: number;
  readonly spans: number;
}

export interface Sink {
  readonly pid: number;
  /** Opens a listener whose traffic is counted under `name`, on this port or any; resolves to its port. */
  open(name: string, port?: number): Promise<number>;
  /** Closes a listener and cuts its connections. */
  close(name: string): Promise<void>;
  stats(): Promise<Readonly<Record<string, SinkCount>>>;
  stop(): Promise<void>;
}

export function startSink(): Sink {
  const child = track(fork(join(BENCH, 'programs/sink.mjs'), { env: cleanEnvironment(), execArgv: [] }));
  return {
    pid: child.pid ?? 0,
    async open(name, wanted) {
      child.send({ open: name, port: wanted });
      const { port } = await answerFrom<{ opened: string; port: number }>(child, ({ opened }) => opened === name);
      return port;
    },
    async close(name) {
      child.send({ close: name });
      await answerFrom<{ closed: string }>(child, ({ closed }) => closed === name);
    },
    async stats() {
      child.send({ stats: true });
      const answer = await answerFrom<{ stats: Record<string, SinkCount> }>(child, ({ stats }) => stats !== undefined);
      return answer.stats;
    },
    stop: () => stop(child),
  };
}
