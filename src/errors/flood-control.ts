/**
 * Lets the first errors of a kind through, counts the rest, and says how many there were.
 *
 * Layer: errors.
 */

/** Kinds that are remembered, each with at most one example of some kilobytes; beyond, the oldest is forgotten. */
const MAX_KINDS = 200;
const WINDOW_MILLIS = 60_000;

interface Kind<T> {
  startMillis: number;
  count: number;
  heldBack: number;
  /** The first that was held back stands for all of them. */
  example: T | undefined;
}

/** What is needed of the outside. */
export interface FloodControlInput<T> {
  /** Most of one kind in a minute. */
  readonly perMinute: number;
  /** Called with the first one that was held back, and how many there were beside it. */
  readonly onSummary: (example: T, heldBack: number) => void;
  readonly nowMillis: () => number;
}

export class FloodControl<T> {
  readonly #input: FloodControlInput<T>;
  readonly #kinds = new Map<string, Kind<T>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(input: FloodControlInput<T>) {
    this.#input = input;
  }

  /** Whether one more of a kind goes through. If not, it is counted, and `makeExample` is asked for the first. */
  admit(key: string, makeExample: () => T): boolean {
    const kind = this.#kindOf(key);
    kind.count += 1;
    if (kind.count <= this.#input.perMinute) return true;
    if (kind.example === undefined) {
      kind.example = makeExample();
      this.#timer ??= setTimeout(() => this.#tellExpired(), WINDOW_MILLIS).unref();
    } else kind.heldBack += 1;
    return false;
  }

  /** Whether anything was held back that was not told. */
  get isHolding(): boolean {
    return this.#timer !== undefined;
  }

  /** Tells everything that was held back; before the end. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const kind of this.#kinds.values()) this.#tell(kind);
  }

  #kindOf(key: string): Kind<T> {
    const nowMillis = this.#input.nowMillis();
    const known = this.#kinds.get(key);
    if (known !== undefined && nowMillis - known.startMillis < WINDOW_MILLIS) return known;
    if (known !== undefined) this.#forget(key, known);
    const [oldest] = this.#kinds;
    if (oldest !== undefined && this.#kinds.size >= MAX_KINDS) this.#forget(...oldest);
    const kind: Kind<T> = { startMillis: nowMillis, count: 0, heldBack: 0, example: undefined };
    this.#kinds.set(key, kind);
    return kind;
  }

  #forget(key: string, kind: Kind<T>): void {
    this.#kinds.delete(key);
    this.#tell(kind);
  }

  #tellExpired(): void {
    this.#timer = undefined;
    const nowMillis = this.#input.nowMillis();
    for (const [key, kind] of this.#kinds) if (nowMillis - kind.startMillis >= WINDOW_MILLIS) this.#forget(key, kind);
    const isMore = [...this.#kinds.values()].some(({ example }) => example !== undefined);
    if (isMore) this.#timer = setTimeout(() => this.#tellExpired(), WINDOW_MILLIS).unref();
  }

  #tell(kind: Kind<T>): void {
    const { example, heldBack } = kind;
    kind.example = undefined;
    kind.heldBack = 0;
    if (example !== undefined) this.#input.onSummary(example, heldBack);
  }
}
