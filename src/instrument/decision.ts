/**
 * What became of each instrumentation, for `status().instrumentations`.
 *
 * Layer: instrument.
 */

/**
 * - `on`: needs no module
 * - `waiting`: none of its modules has been loaded
 * - `active`: instruments `modules`
 * - `disabled`: by OTEL_NODE_ENABLED_INSTRUMENTATIONS or OTEL_NODE_DISABLED_INSTRUMENTATIONS
 * - `replaced`: the application gave one of its own to `start()`
 * - `unsupported`: a module is there in a version it does not know
 * - `early`: a module was loaded before telemetry started, and is instrumented since then
 * - `bundled`: a module is inside the application's own file
 * - `failed`: it is out of use
 */
export type InstrumentationState =
  | 'on'
  | 'waiting'
  | 'active'
  | 'disabled'
  | 'replaced'
  | 'unsupported'
  | 'early'
  | 'bundled'
  | 'failed';

/** One instrumentation as people may see it. */
export interface InstrumentationStatus {
  /** Short name, as in `OTEL_NODE_DISABLED_INSTRUMENTATIONS`. */
  readonly name: string;
  /** Where it comes from: this package, the application's node_modules, or `start({ instrumentations })`. */
  readonly source: 'duotel' | 'node_modules' | 'option';
  readonly state: InstrumentationState;
  /** Modules and files it was given, with versions: `pg@8.16.0`, `pg/lib/client.js@8.16.0`. */
  readonly modules: readonly string[];
}

const FINAL: ReadonlySet<InstrumentationState> = new Set(['active', 'early', 'failed']);

/** A status in the making. */
export class Decision implements InstrumentationStatus {
  readonly name: string;
  readonly source: InstrumentationStatus['source'];
  state: InstrumentationState;
  readonly #modules = new Set<string>();

  constructor(name: string, source: InstrumentationStatus['source'], state: InstrumentationState) {
    this.name = name;
    this.source = source;
    this.state = state;
  }

  get modules(): readonly string[] {
    return [...this.#modules];
  }

  /** Settles the state for the sake of one file, unless another file has settled it for good. */
  note(state: InstrumentationState, file: string): void {
    if (FINAL.has(this.state) && state !== 'active') return;
    if (!FINAL.has(this.state) && this.state !== state) {
      this.#modules.clear();
      this.state = state;
    }
    this.#modules.add(file);
  }

  snapshot(): InstrumentationStatus {
    return { name: this.name, source: this.source, state: this.state, modules: this.modules };
  }
}
