/**
 * Stacks as Sentry shows them: frames with the application's own ones marked, and the ids of their source maps.
 *
 * Layer: sentry. Loaded with the first error.
 */
import {
  createStackParser,
  type DebugImage,
  type Exception,
  getDebugImagesForResources,
  type StackParser,
} from '@sentry/core';
import { nodeStackLineParser } from '@sentry/core/server';
import type { CapturedError, ErrorDetails, Mechanism } from '../errors/captured-error.ts';

const parseStack: StackParser = createStackParser(nodeStackLineParser());

/** How Sentry's own packages name what caught an error; its interface knows these names. */
const MECHANISMS: Readonly<Record<Mechanism, string>> = {
  captureError: 'generic',
  uncaughtException: 'onuncaughtexception',
  unhandledRejection: 'onunhandledrejection',
  http: 'auto.http.server',
};

/** The error and all its causes, the innermost cause first, each pointing to the error it is a cause of. */
export function toExceptions({ details, mechanism, handled, heldBack }: CapturedError): Exception[] {
  const exceptions: Exception[] = [];
  const add = (each: ErrorDetails, link: Exception['mechanism']): void => {
    const id = exceptions.length;
    const isGroup = each.type === GROUP;
    const ids = details.causes.length === 0 ? {} : { exception_id: id, ...(isGroup && { is_exception_group: true }) };
    exceptions.push({ ...toException(each), mechanism: { ...(link as NonNullable<typeof link>), ...ids } });
    for (const [index, cause] of each.causes.entries()) {
      const source = isGroup ? `errors[${index}]` : 'cause';
      add(cause, { type: 'chained', handled, source, parent_id: id });
    }
  };
  const isSynthetic = details.stack === undefined;
  add(details, { type: MECHANISMS[mechanism], handled, ...(isSynthetic && { synthetic: true }) });
  // Sentry's own filter would take it for one of those it stands for.
  const [first] = exceptions;
  if (first !== undefined && heldBack > 0) first.value = `${first.value} (and ${heldBack} more like it)`;
  return exceptions.toReversed();
}

const GROUP = 'AggregateError';

function toException({ type, message, stack }: ErrorDetails): Exception {
  const frames = stack === undefined ? [] : parseStack(stack, 1);
  return { type, value: message, ...(frames.length > 0 && { stacktrace: { frames } }) };
}

/** Source maps that were uploaded under ids which the build wrote into the files of these frames. */
export function debugImagesOf(exceptions: readonly Exception[]): readonly DebugImage[] {
  const files = exceptions.flatMap(({ stacktrace }) => stacktrace?.frames ?? []).map(({ filename }) => filename);
  return getDebugImagesForResources(parseStack, [...new Set(files.filter((file) => file !== undefined))]);
}
