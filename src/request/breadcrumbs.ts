/**
 * What happened shortly before: the last log lines and outgoing calls of each request, and those outside of requests.
 *
 * Nothing is kept until somebody registers to receive errors; a request without any event allocates nothing.
 * Layer: request.
 */
import type { RequestContext } from './request-context.ts';

/** One thing that happened. */
export interface Breadcrumb {
  readonly kind: 'log' | 'http';
  /** Milliseconds since the epoch. */
  readonly timeMillis: number;
  /** As severities of log records in lower case: `info`, `warn`, `error`; of a call, whether it failed. */
  readonly level: string;
  readonly message: string;
  /** For calls: method, address without secrets, status. */
  readonly data?: Readonly<Record<string, string | number>> | undefined;
}

/** Most kept for one request, and outside of requests. */
export const MAX_BREADCRUMBS = 50;

/** Characters kept of a message. */
const MAX_LENGTH = 1024;

/** A breadcrumb, or what makes it: texts of most are never asked for, because most requests have no error. */
export type KeptBreadcrumb = Breadcrumb | (() => Breadcrumb);

/** The last of them; overwrites the oldest. */
export class BreadcrumbRing {
  readonly #kept: KeptBreadcrumb[];
  #next = 1;

  constructor(first: KeptBreadcrumb) {
    this.#kept = [first];
  }

  add(crumb: KeptBreadcrumb): void {
    if (this.#next === MAX_BREADCRUMBS) this.#next = 0;
    this.#kept[this.#next] = crumb;
    this.#next += 1;
  }

  /** Oldest first. */
  list(): readonly Breadcrumb[] {
    return [...this.#kept.slice(this.#next), ...this.#kept.slice(0, this.#next)].map(toBreadcrumb);
  }
}

function toBreadcrumb(kept: KeptBreadcrumb): Breadcrumb {
  return typeof kept === 'function' ? bounded(kept()) : kept;
}

function bounded(crumb: Breadcrumb): Breadcrumb {
  const { message } = crumb;
  return message.length > MAX_LENGTH ? { ...crumb, message: message.slice(0, MAX_LENGTH) } : crumb;
}

let isKept = false;
let ofProcess: BreadcrumbRing | undefined;

/** Switches the rings on and off. */
export function keepBreadcrumbs(on: boolean): void {
  isKept = on;
  if (!on) ofProcess = undefined;
}

/** Ask before making a breadcrumb. */
export function areBreadcrumbsKept(): boolean {
  return isKept;
}

/**
 * Adds to the ring of the request, outside of requests to that of the process.
 *
 * @param crumb - a function is called when an error is reported, if ever; it must not hold on to much, nor throw
 */
export function addBreadcrumb(crumb: KeptBreadcrumb, request: RequestContext | undefined): void {
  if (!isKept) return;
  const kept = typeof crumb === 'function' ? crumb : bounded(crumb);
  if (request !== undefined) request.addBreadcrumb(kept);
  else if (ofProcess === undefined) ofProcess = new BreadcrumbRing(kept);
  else ofProcess.add(kept);
}

/** What is kept for a request, or for what runs outside of any. */
export function breadcrumbsOf(request: RequestContext | undefined): readonly Breadcrumb[] {
  return (request === undefined ? ofProcess : request.knownRing)?.list() ?? [];
}
