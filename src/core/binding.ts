/**
 * What a facade stands in front of: the provider of the moment, or none.
 *
 * Tracers, loggers and instruments outlive the providers they came from: they may be made before `start()`, and they
 * stay in module variables across a shutdown and a second start. A facade therefore asks for its real counterpart
 * again whenever the binding has moved on.
 * Layer: core. Used by the facades of the three signals.
 */

/** A replaceable provider. */
export class Binding<P> {
  readonly #idle: P;
  #provider: P;
  readonly #onMove = new Set<() => void>();
  /** Changes with every {@link bind} and {@link release}. */
  generation = 0;

  constructor(idle: P) {
    this.#idle = idle;
    this.#provider = idle;
  }

  get provider(): P {
    return this.#provider;
  }

  /** Points every facade at `provider` from now on. */
  bind(provider: P): void {
    this.#provider = provider;
    this.generation += 1;
    for (const listener of this.#onMove) listener();
  }

  /** Points every facade at nothing. */
  release(): void {
    this.bind(this.#idle);
  }

  /** Calls `listener` after each move, for what nobody calls by itself: observable instruments. */
  onMove(listener: () => void): void {
    this.#onMove.add(listener);
  }

  /** A getter of the counterpart `make` gives, made again after each move. */
  follow<T>(make: (provider: P) => T): () => T {
    let made: T;
    let madeFor = -1;
    return () => {
      if (madeFor !== this.generation) {
        made = make(this.#provider);
        madeFor = this.generation;
      }
      return made;
    };
  }
}
