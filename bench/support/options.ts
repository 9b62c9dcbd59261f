/** What a bench is asked to do. */
import type { Peer } from './peers.ts';

export interface BenchOptions {
  /** Fewer repetitions, at most a minute per bench: for a look, not for a claim. */
  readonly quick: boolean;
  readonly peers: ReadonlySet<Peer>;
}
