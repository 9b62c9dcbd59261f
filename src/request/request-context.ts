/**
 * What is known about the request under way: its id, its user, its tags. One per request, found through the context.
 *
 * Everything that is made while the request runs is marked from here: its span, every log record, every error.
 * Layer: request. Made by `instrument/`, which sees requests begin.
 */
import { type Attributes, context, type Context, createContextKey, type Span } from '@opentelemetry/api';
import { degrade } from '../core/guard.ts';
import { readablePart, readProperty, readScalar, type Scalar } from '../core/readable-part.ts';
import { BreadcrumbRing, type KeptBreadcrumb } from './breadcrumbs.ts';
import { createRequestId, isSaneRequestId } from './request-id.ts';

/** What an application says about the request it is answering. */
export interface RequestFields {
  /** Who asks; `user.id` on the span and on log records. */
  readonly userId?: string | number | undefined;
  /** Attributes of the span and of log records, under their own names. Never labels of metrics. */
  readonly tags?: Readonly<Record<string, Scalar | undefined>> | undefined;
}

/** A request as it was at one moment. */
export interface RequestSnapshot {
  readonly id: string;
  readonly userId: string | undefined;
  readonly tags: Readonly<Record<string, Scalar>>;
  /** What its span began with: `http.request.method`, `url.path`, `url.query` without secrets, `server.address`, … */
  readonly attributes: Attributes;
}

/** More tags, and what is beyond this many characters of a value, are left out: all of it is on every log record. */
const MAX_TAGS = 32;
const MAX_LENGTH = 1024;

const SITE = 'request.context';

/** Under this key a context holds its request. Copies of this package share it. */
export const REQUEST_KEY: symbol = createContextKey('duotel request');

/** The context of one request. */
export class RequestContext {
  #span: Span | undefined;
  #id: string | undefined;
  #userId: string | undefined;
  #tags: Map<string, Scalar> | undefined;
  #attributes: Attributes | undefined;
  #ring: BreadcrumbRing | undefined;
  #failure: object | undefined;

  /** @param offeredId - the id the client sent, of any form; kept if it is sane */
  constructor(offeredId: unknown) {
    this.#id = isSaneRequestId(offeredId) ? offeredId : undefined;
  }

  /** The id the client sent, else one that is made when it is first asked for. */
  get id(): string {
    if (this.#id === undefined) {
      this.#id = createRequestId();
      this.#mark('request.id', this.#id);
    }
    return this.#id;
  }

  /** The id, if there is one yet. */
  get knownId(): string | undefined {
    return this.#id;
  }

  /**
   * From now on, what becomes known is written to the span of the request.
   *
   * @param attributes - what the span begins with; kept, not copied
   */
  observeWith(span: Span, attributes?: Attributes): void {
    this.#span = span;
    this.#attributes = attributes;
  }

  /** An error was recorded while it ran; the last one may be why it ends as it does. */
  failed(error: object): void {
    this.#failure = error;
  }

  /** The last error that was recorded. */
  get failure(): object | undefined {
    return this.#failure;
  }

  /** What is known now. */
  snapshot(): RequestSnapshot {
    return {
      id: this.id,
      userId: this.#userId,
      tags: Object.fromEntries(this.#tags ?? []),
      attributes: { ...this.#attributes },
    };
  }

  /** Its breadcrumbs, if there are any yet. */
  get knownRing(): BreadcrumbRing | undefined {
    return this.#ring;
  }

  addBreadcrumb(crumb: KeptBreadcrumb): void {
    if (this.#ring === undefined) this.#ring = new BreadcrumbRing(crumb);
    else this.#ring.add(crumb);
  }

  /** Adds what the application knows. Never throws; a value that cannot be used is counted. */
  add(fields: unknown): void {
    if (typeof fields !== 'object' || fields === null) return degrade(SITE, 'the fields are no object');
    const userId = readScalar(SITE, fields, 'userId');
    if (userId !== undefined) {
      this.#userId = String(userId).slice(0, MAX_LENGTH);
      this.#mark('user.id', this.#userId);
    }
    const tags = readablePart(SITE, readProperty(SITE, fields, 'tags') ?? {});
    for (const [name, value] of Object.entries(tags)) this.#tag(name, value);
  }

  /** All of it, as attributes. */
  attributes(): Attributes {
    const attributes: Attributes = { 'request.id': this.id };
    if (this.#userId !== undefined) attributes['user.id'] = this.#userId;
    if (this.#tags !== undefined) for (const [name, value] of this.#tags) attributes[name] = value;
    return attributes;
  }

  #tag(name: string, value: Scalar): void {
    const tags = (this.#tags ??= new Map());
    if (name === '' || (tags.size >= MAX_TAGS && !tags.has(name)))
      return degrade(SITE, `a tag beyond the first ${MAX_TAGS}, or without a name, is left out`);
    const kept = typeof value === 'string' ? value.slice(0, MAX_LENGTH) : value;
    tags.set(name, kept);
    this.#mark(name, kept);
  }

  /** What becomes known after the response is of no use to the span, and the SDK warns of it. */
  #mark(name: string, value: Scalar): void {
    if (this.#span?.isRecording() === true) this.#span.setAttribute(name, value);
  }
}

/** The request that a context belongs to. */
export function requestOf(scope: Context): RequestContext | undefined {
  return scope.getValue(REQUEST_KEY) as RequestContext | undefined;
}

/** The request that is being answered here; undefined outside of any. */
export function currentRequest(): RequestContext | undefined {
  return requestOf(context.active());
}
