/**
 * The request under way, as applications reach it.
 *
 * Layer: request.
 */
import { guard } from '../core/guard.ts';
import { currentRequest, type RequestFields } from './request-context.ts';

/**
 * Says more about the request that is being answered: its user, and tags. Both are added to its span and to every log
 * record and error from here on. May be called any number of times; outside of a request it does nothing. Never throws.
 *
 * @example
 * setRequestContext({ userId: session.user, tags: { property_id: property.id } });
 */
export function setRequestContext(fields: RequestFields): void {
  guard('request.context', () => currentRequest()?.add(fields), undefined);
}

/**
 * The id of the request that is being answered: the `X-Request-ID` it came with, or else a new one. Undefined outside
 * of requests. Never throws.
 */
export function requestId(): string | undefined {
  return guard('request.id', () => currentRequest()?.id, undefined);
}
