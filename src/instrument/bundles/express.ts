/**
 * The official instrumentation of express, and what it does not see: asynchronous middleware that rejects. Handlers are
 * given the `next` they would have without it.
 *
 * Layer: instrument. A chunk of its own, loaded when the application loads express.
 */
import { trace } from '@opentelemetry/api';
import type { InstrumentationNodeModuleDefinition } from '@opentelemetry/instrumentation';
import { ExpressInstrumentation } from '@opentelemetry/instrumentation-express';
import { guard } from '../../core/guard.ts';
import type { InstrumentationPart } from '../instrumentation-part.ts';
import { replaceMethod } from '../replace-method.ts';
import { type Handle, withSameNext } from '../same-next.ts';

/** Makes it with its default settings. */
export function create(): InstrumentationPart {
  return new Express();
}

/** A layer of a router, as the official instrumentation uses it too. */
interface Layer {
  handle: (this: unknown, ...args: unknown[]) => unknown;
}

interface RouterLike {
  readonly stack: Layer[];
  readonly use: (this: object, ...args: never[]) => unknown;
}

/**
 * Express 5 passes a rejection of middleware on by a way no instrumentation stands at. It is recorded on the span around.
 * Handlers of routes are no concern: their errors come by the official instrumentation.
 */
class Express extends ExpressInstrumentation {
  constructor() {
    super();
    const wrap = this._wrap as (target: object, name: string, wrapper: (original: Handle) => Handle) => unknown;
    const wrapHandles: typeof wrap = (target, name, wrapper) =>
      wrap(target, name, name === 'handle' ? (original) => withSameNext(original, wrapper) : wrapper);
    this._wrap = wrapHandles as typeof this._wrap;
  }

  override init(): InstrumentationNodeModuleDefinition[] {
    const definitions = super.init();
    for (const definition of definitions) {
      const { patch } = definition;
      definition.patch = (exports: unknown, version?: string): unknown => {
        const patched = patch === undefined ? exports : patch(exports, version);
        guard('express.rejections', () => watchRouters(patched), undefined);
        return patched;
      };
    }
    return definitions;
  }
}

function watchRouters(express: unknown): void {
  const { prototype } = (express as { readonly Router: { readonly prototype?: object } }).Router;
  // Express 4 has another kind of router, and leaves rejections alone.
  if (prototype === undefined || !('use' in prototype && 'route' in prototype)) return;
  replaceMethod<RouterLike['use']>(prototype, 'use', (original) => {
    return function use(...args): unknown {
      const { stack } = this as RouterLike;
      const before = stack.length;
      const result = original.apply(this as RouterLike, args);
      guard('express.rejections', () => stack.slice(before).forEach(watchLayer), undefined);
      return result;
    };
  });
}

function watchLayer(layer: Layer): void {
  const { handle } = layer;
  // Express tells middleware for errors by its four arguments. A router has layers of its own.
  if (handle.length > 3 || 'stack' in handle) return;
  const watched = function (this: unknown): unknown {
    const result = handle.apply(this, arguments as unknown as unknown[]);
    if (result instanceof Promise) result.then(undefined, recordRejection);
    return result;
  };
  // Name and length, and what the application has written to the function.
  layer.handle = Object.defineProperties<Layer['handle']>(watched, Object.getOwnPropertyDescriptors(handle));
}

function recordRejection(error: unknown): void {
  guard('express.rejections', () => trace.getActiveSpan()?.recordException(error as Error), undefined);
}
