/**
 * Parts the user hands to `start()`: used as they are, but a broken one costs only itself.
 *
 * One idea for processors, samplers, propagators, readers and views: what is no such part is left out with a line; what
 * fails later is counted under its name in `status().degraded`, and told once.
 * Layer: core.
 */
import { degrade, describeCause } from './guard.ts';
import { notify } from './notices.ts';

/** The name of a part, and what became of its calls. */
export class UserPart {
  /** The option, with index: `spanProcessors[1]`. */
  readonly name: string;
  readonly #remaining: string;
  #isTold = false;

  /** @param remaining - what still works when the part does not, a sentence */
  constructor(name: string, remaining: string) {
    this.name = name;
    this.#remaining = remaining;
  }

  /** Counts a failed call, and tells the first one. */
  readonly failed = (cause: unknown): void => {
    degrade(this.name, cause);
    if (this.#isTold) return;
    this.#isTold = true;
    notify({
      code: 'DUOTEL_USER_PART_FAILED',
      message: `Option ${this.name} failed: ${describeCause(cause)}. ${this.#remaining} Failures are counted in status().`,
      key: this.name,
    });
  };

  /** Counts the rejection of what a synchronous hook returned: an `async` one would end the process otherwise. */
  watch(returned: unknown): void {
    if (isThenable(returned)) returned.then(undefined, this.failed);
  }

  /** Runs an asynchronous call of the part; resolves when it has settled, never rejects. */
  async settle(work: () => unknown): Promise<void> {
    try {
      await work();
    } catch (cause) {
      this.failed(cause);
    }
  }
}

/** How parts of one option are recognised and guarded. */
export interface PartKind<P, G> {
  /** What the parts are in the words of OpenTelemetry: `a SpanProcessor`. */
  readonly noun: string;
  /** Methods without which something is no such part. */
  readonly methods: readonly (keyof P & string)[];
  /** See {@link UserPart}. */
  readonly remaining: string;
  readonly guard: (given: P, part: UserPart) => G;
}

/** The part behind its guard; `undefined`, with a line, if it is none. */
export function acceptPart<P, G>(name: string, given: unknown, kind: PartKind<P, G>): G | undefined {
  try {
    const part = given as P;
    if (kind.methods.every((method) => typeof part?.[method] === 'function')) {
      return kind.guard(part, new UserPart(name, kind.remaining));
    }
    leaveOut(name, `not ${kind.noun}`);
  } catch (cause) {
    leaveOut(name, cause);
  }
  return undefined;
}

/** The parts of a list; those that are none are left out. */
export function acceptParts<P, G>(option: string, given: unknown, kind: PartKind<P, G>): G[] {
  return listOf(option, given).flatMap((each, index) => acceptPart(`${option}[${index}]`, each, kind) ?? []);
}

/** The list given for an option; empty, with a line, if it is none. */
export function listOf(option: string, given: unknown): readonly unknown[] {
  if (given === undefined || given === null) return [];
  if (Array.isArray(given)) return given;
  leaveOut(option, 'not a list');
  return [];
}

/** Tells that an option cannot be used. */
export function leaveOut(name: string, cause: unknown): void {
  notify({
    code: 'DUOTEL_CONFIG_INVALID',
    message: `Option ${name} cannot be used and is left out: ${describeCause(cause)}. Everything else works.`,
  });
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  try {
    return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
  } catch {
    return false;
  }
}
