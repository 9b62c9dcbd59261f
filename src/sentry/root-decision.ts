/**
 * What is known about Sentry's part in a trace when its local root starts.
 *
 * A rule of the configuration comes first, then what the caller of this process decided, then the share of traces, which
 * the user of this function applies.
 * Layer: sentry.
 */
import type { Context } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/sdk-trace';
import type { SentryConfig } from '../config/config.ts';
import { createRuleFinder } from '../traces/sampling-rules.ts';
import { sentryCallerOf } from '../traces/sentry-caller.ts';

/** `wait`: only an error makes it Sentry's; `undefined`: the share of traces decides. */
export type RootDecision = (root: Span, parentContext: Context) => 'keep' | 'drop' | 'wait' | undefined;

/** Makes the decision. A rule that takes nothing leaves out errors too: that is what it is written for. */
export function createRootDecision({ rules }: Pick<SentryConfig, 'rules'>): RootDecision {
  const find = rules.length === 0 ? undefined : createRuleFinder(rules);
  return (root, parentContext) => {
    const { traceId } = root.spanContext();
    const rule = find?.({ traceId, name: root.name, attributes: root.attributes });
    if (rule !== undefined) return rule.ratio === 0 ? 'drop' : rule.isInRatio(traceId) ? 'keep' : 'wait';
    const isSampled = sentryCallerOf(parentContext, traceId)?.isSampled;
    return isSampled === undefined ? undefined : isSampled ? 'keep' : 'wait';
  };
}
