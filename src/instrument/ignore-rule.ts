/**
 * Which requests leave no span and no metric: probes and scrapes, by default.
 *
 * Layer: instrument.
 */
import type { IncomingMessage } from 'node:http';

/** Whether a request is to be ignored. */
export type IgnoreRule = (request: IncomingMessage) => boolean;

/**
 * Makes the rule. Only GET and HEAD are ignored: that is how probes and scrapers ask, and what is written to the same
 * path is the application's business.
 *
 * @param paths - exact, without query; with a `*` at the end, everything that begins like it
 */
export function createIgnoreRule(paths: readonly string[]): IgnoreRule {
  const prefixes = paths.filter((path) => path.endsWith('*')).map((path) => path.slice(0, -1));
  const exact = new Set(paths.filter((path) => !path.endsWith('*')));
  if (paths.length === 0) return () => false;
  return ({ method, url = '/' }) => {
    if (method !== 'GET' && method !== 'HEAD') return false;
    const question = url.indexOf('?');
    const path = question < 0 ? url : url.slice(0, question);
    return exact.has(path) || prefixes.some((prefix) => path.startsWith(prefix));
  };
}
