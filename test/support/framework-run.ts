/** Runs a server of the framework matrix for one request, with the preload and without it, and compares the two. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { startReceiver, type ReceivedSpan } from '../../src/testing.ts';
import { FAST_EXPORT } from './backends-app.ts';
import { cleanEnvironment, type Ended, getText, launch, type Owner, waitFor } from './backends.ts';

/** A program and what it has to leave behind. */
export interface Comparison {
  readonly node: string;
  /** Arguments of node, with the preload. */
  readonly args: readonly string[];
  /** The same without it. */
  readonly controlArgs: readonly string[];
  readonly cwd: string;
  /** What the program asks; see {@link startUpstream}. */
  readonly upstream: string;
  /** Its spans, in the notation of {@link treeOf}. */
  readonly spans: readonly string[];
  /** Whether the program is a bundle, and the modules of which the hint has to speak; '' for no hint. */
  readonly bundled?: string;
}

/** A server outside of telemetry that answers with the `traceparent` it was sent, or `none`. Returns its address. */
export async function startUpstream(owner: Owner): Promise<string> {
  const server = createServer((request, response) => response.end(request.headers['traceparent'] ?? 'none'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  owner.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/up`;
}

/**
 * Asks the program for `/items/42` without the preload and with it.
 *
 * @throws AssertionError unless the spans are the expected ones, the upstream was told of the client span, and the
 * program ended and printed as without the preload, but for one hint at a bundle
 */
export async function compareWithControl(t: TestContext, comparison: Comparison): Promise<void> {
  const { args, controlArgs, spans: expected, bundled } = comparison;
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  const endpoint = receiver.url;
  const control = await serveOnce(t, comparison, { args: controlArgs, endpoint });
  assert.equal(control.answer, 'none');

  const startedAt = Date.now();
  const until = async (stderr: () => string): Promise<void> => {
    await receiver.waitFor(() => receiver.spans.length >= expected.length, 10_000);
    if (bundled === '')
      await waitFor('the search of the bundle', () => Date.now() - startedAt > BUNDLE_SEARCHED_MILLIS);
    else if (bundled !== undefined) await waitFor('the hint', () => stderr().includes('DUOTEL_'));
  };
  const traced = await serveOnce(t, comparison, { args, endpoint, until });
  assert.deepEqual(treeOf(receiver.spans), expected);
  assert.equal(receiver.spans.length, expected.length);
  const client = receiver.spans.find(({ kind }) => kind === 'client');
  assert.equal(traced.answer, `00-${client?.traceId}-${client?.spanId}-01`);
  assert.deepEqual(traced.ended, control.ended);
  assert.doesNotMatch(traced.stderr, /deprecat/i);
  if (bundled) assert.equal(HINT.exec(traced.stderr)?.[1], bundled);
  assert.equal(bundled ? traced.stderr.replace(HINT, '') : traced.stderr, control.stderr);
}

const HINT = /^DUOTEL_MODULES_BUNDLED ([^:]+): .*\n/m;

/** Longer than a program runs before its main file is searched. */
const BUNDLE_SEARCHED_MILLIS = 1_500;

interface Outcome {
  /** What the upstream answered. */
  readonly answer: string;
  readonly ended: Ended;
  readonly stderr: string;
}

interface Run {
  readonly args: readonly string[];
  /** Where telemetry goes, if there is any. */
  readonly endpoint: string;
  /** Waits for everything the program says. */
  readonly until?: (stderr: () => string) => Promise<void>;
}

/** Runs the program for one request. */
async function serveOnce(
  t: TestContext,
  { node, cwd, upstream }: Comparison,
  { args, endpoint, until }: Run,
): Promise<Outcome> {
  const env = cleanEnvironment({
    UPSTREAM: upstream,
    // The ones that Node.js keeps quiet about by default are lines as well.
    NODE_OPTIONS: '--pending-deprecation',
    OTEL_SERVICE_NAME: 'app',
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_METRICS_EXPORTER: 'none',
    ...FAST_EXPORT,
  });
  const running = launch(t, node, args, { cwd, env });
  const port = await waitFor('the port', () => /^(\d+)\n/.exec(running.stdout())?.[1], running);
  const answer = await getText(`http://127.0.0.1:${port}/items/42`);
  await until?.(running.stderr);
  return { answer, ended: await running.stop(), stderr: withoutPid(running.stderr()) };
}

/**
 * Spans as an indented list, children below their parent in the order of their names: kind and name, route, status of
 * the response, status of the span.
 */
export function treeOf(spans: readonly ReceivedSpan[], parent?: string, indent = ''): string[] {
  return spans
    .filter(({ parentSpanId }) => parentSpanId === parent)
    .toSorted((a, b) => a.name.localeCompare(b.name, 'en'))
    .flatMap((span) => [`${indent}${described(span)}`, ...treeOf(spans, span.spanId, `${indent}  `)]);
}

function described({ kind, name, attributes, status }: ReceivedSpan): string {
  const attribute = (key: string): string => String(attributes[key] ?? '-');
  return [`${kind} ${name}`, attribute('http.route'), attribute('http.response.status_code'), status.code].join(' | ');
}

/** Warnings of Node.js name the process. */
function withoutPid(text: string): string {
  return text.replaceAll(/\(node:\d+\)/g, '(node)');
}
