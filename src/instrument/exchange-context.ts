/**
 * The context in which one exchange is handled: a parent plus a span and, on servers, the request and the RPC metadata
 * frameworks write routes to.
 *
 * The context of the API copies a Map for every value set. An exchange sets a few values and mostly reads them, so here
 * they are fields, and are only written into a copy when somebody sets a value on top.
 * Layer: instrument.
 */
import { type Context, INVALID_SPAN_CONTEXT, trace, type Span } from '@opentelemetry/api';
import { type RPCMetadata, RPCType, setRPCMetadata } from '@opentelemetry/core';
import { REQUEST_KEY, type RequestContext } from '../request/request-context.ts';

const PROBE_SPAN = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
const SPAN_KEY = revealKey((probe) => trace.setSpan(probe, PROBE_SPAN));
const RPC_KEY = revealKey((probe) => setRPCMetadata(probe, { type: RPCType.HTTP, span: PROBE_SPAN }));

/** What an exchange adds to its context; what is missing shows through from the parent. */
export interface ExchangeValues {
  readonly span?: Span | undefined;
  readonly rpc?: RPCMetadata | undefined;
  readonly request?: RequestContext | undefined;
}

/** A context holding the values of an exchange above those of `parent`. */
export class ExchangeContext implements Context {
  readonly #parent: Context;
  readonly #span: Span | undefined;
  readonly #rpc: RPCMetadata | undefined;
  readonly #request: RequestContext | undefined;
  #copied: Context | undefined;

  constructor(parent: Context, { span, rpc, request }: ExchangeValues) {
    this.#parent = parent;
    this.#span = span;
    this.#rpc = rpc;
    this.#request = request;
  }

  getValue(key: symbol): unknown {
    if (key === SPAN_KEY && this.#span !== undefined) return this.#span;
    if (key === REQUEST_KEY && this.#request !== undefined) return this.#request;
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
      let copy = this.#parent;
      if (this.#span !== undefined) copy = copy.setValue(SPAN_KEY, this.#span);
      if (this.#rpc !== undefined) copy = copy.setValue(RPC_KEY, this.#rpc);
      if (this.#request !== undefined) copy = copy.setValue(REQUEST_KEY, this.#request);
      this.#copied = copy;
    }
    return this.#copied;
  }
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
