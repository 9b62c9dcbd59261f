/**
 * The context of one request: a parent plus one span and, on servers, the RPC metadata frameworks write routes to.
 *
 * The context of the API copies a Map for every value set. A request sets two values and mostly reads them, so here
 * they are fields, and are only written into a copy when somebody sets a value on top.
 * Layer: instrument.
 */
import { type Context, INVALID_SPAN_CONTEXT, trace, type Span } from '@opentelemetry/api';
import { type RPCMetadata, RPCType, setRPCMetadata } from '@opentelemetry/core';

const PROBE_SPAN = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
const SPAN_KEY = revealKey((probe) => trace.setSpan(probe, PROBE_SPAN));
const RPC_KEY = revealKey((probe) => setRPCMetadata(probe, { type: RPCType.HTTP, span: PROBE_SPAN }));

/** A context holding `span`, and `rpc` if given, above `parent`. */
export class RequestContext implements Context {
  readonly #parent: Context;
  readonly #span: Span;
  readonly #rpc: RPCMetadata | undefined;
  #copied: Context | undefined;

  constructor(parent: Context, span: Span, rpc?: RPCMetadata) {
    this.#parent = parent;
    this.#span = span;
    this.#rpc = rpc;
  }

  getValue(key: symbol): unknown {
    if (key === SPAN_KEY) return this.#span;
    if (key === RPC_KEY && this.#rpc !== undefined) return this.#rpc;
    return this.#parent.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return this.#copy().setValue(key, value);
  }

  deleteValue(key: symbol): Context {
    return this.#copy().deleteValue(key);
  }

  /** Contexts are immutable, so the copy that every further value builds on is made once. */
  #copy(): Context {
    if (this.#copied === undefined) {
      const withSpan = this.#parent.setValue(SPAN_KEY, this.#span);
      this.#copied = this.#rpc === undefined ? withSpan : withSpan.setValue(RPC_KEY, this.#rpc);
    }
    return this.#copied;
  }
}

/** Whether `inner` is the context of this request or derived from it. */
export function isWithin(inner: Context, rpc: RPCMetadata): boolean {
  return inner.getValue(RPC_KEY) === rpc;
}

/** The key a public setter files its value under; the setter itself is the only public way to learn it. */
function revealKey(set: (probe: Context) => unknown): symbol {
  let revealed: symbol | undefined;
  const probe: Context = {
    getValue: () => undefined,
    setValue: (key) => {
      revealed = key;
      return probe;
    },
    deleteValue: () => probe,
  };
  set(probe);
  if (revealed === undefined) throw new TypeError('The context key could not be learned from its setter.');
  return revealed;
}
