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
  /** Opens a listener whose traffic is counted under `name`; resolves to its port. */
  open(name: string): Promise<number>;
  stats(): Promise<Readonly<Record<string, SinkCount>>>;
  stop(): Promise<void>;
}

export function startSink(): Sink {
  const child = track(fork(join(BENCH, 'programs/sink.mjs'), { env: cleanEnvironment(), execArgv: [] }));
  return {
    pid: child.pid ?? 0,
    async open(name) {
      child.send({ open: name });
      const { port } = await answerFrom<{ opened: string; port: number }>(child, ({ opened }) => opened === name);
      return port;
    },
    async stats() {
      child.send({ stats: true });
      const answer = await answerFrom<{ stats: Record<string, SinkCount> }>(child, ({ stats }) => stats !== undefined);
      return answer.stats;
    },
    stop: () => stop(child),
  };
}
