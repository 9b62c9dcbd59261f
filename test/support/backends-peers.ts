/** Other people's programs in a trace: a Python service with the official SDK, and Zipkin as a store to look it up in. */
import { join } from 'node:path';
import { APPS } from './backends-app.ts';
import type { SpanItem } from './backends-otlp-json.ts';
import { cleanEnvironment, freePort, getText, launch, programFile, waitUntilReady, type Owner } from './backends.ts';

/** Starts the Python service and gives its URL; it exports to `otlpUrl` and calls `upstream` if given. */
export async function startPythonPeer(owner: Owner, otlpUrl: string, upstream?: string): Promise<string> {
  const port = await freePort();
  const running = launch(owner, programFile('python', 'bin', 'python'), [join(APPS, 'peer.py'), String(port)], {
    env: cleanEnvironment({
      OTEL_SERVICE_NAME: 'python-peer',
      OTEL_EXPORTER_OTLP_ENDPOINT: otlpUrl,
      OTEL_BSP_SCHEDULE_DELAY: '100',
      ...(upstream === undefined ? {} : { UPSTREAM: upstream }),
    }),
  });
  const url = `http://127.0.0.1:${port}`;
  await waitUntilReady(`${url}/ready`, running);
  return url;
}

/** Starts Zipkin with an in-memory store on loopback and gives its URL. */
export async function startZipkin(owner: Owner): Promise<string> {
  const port = await freePort();
  const running = launch(
    owner,
    'java',
    [
      '-Xmx256m',
      '-XX:TieredStopAtLevel=1',
      '-XX:+UseSerialGC',
      '-jar',
      programFile('zipkin', 'zipkin.jar'),
      '--armeria.ports[0].ip=127.0.0.1', // the default is all interfaces
      `--armeria.ports[0].port=${port}`,
      '--armeria.ports[0].protocols[0]=http',
      '--logging.level.root=WARN',
    ],
    { env: cleanEnvironment({ STORAGE_TYPE: 'mem', SELF_TRACING_ENABLED: 'false' }) },
  );
  const url = `http://127.0.0.1:${port}`;
  await waitUntilReady(`${url}/health`, running);
  return url;
}

/** OTLP's span kinds by number, as Zipkin spells those it knows. */
const ZIPKIN_KINDS = [undefined, undefined, 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'] as const;

/** Sends spans to Zipkin, which takes no OTLP, in its own JSON (API v2). */
export async function sendToZipkin(url: string, spans: readonly SpanItem[]): Promise<void> {
  const body = spans.map((span) => ({
    traceId: span.traceId,
    id: span.spanId,
    parentId: span.parentSpanId === '' ? undefined : span.parentSpanId,
    name: span.name,
    kind: ZIPKIN_KINDS[span.kind],
    timestamp: Number(span.startNanos / 1000n),
    duration: Math.max(1, Number((span.endNanos - span.startNanos) / 1000n)),
    localEndpoint: { serviceName: String(span.resource['service.name']) },
    tags: Object.fromEntries(Object.entries(span.attributes).map(([key, value]) => [key, String(value)])),
  }));
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/api/v2/spans`, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`Zipkin answered ${response.status}: ${await response.text()}`);
}

/** A span as Zipkin gives it back. */
export interface ZipkinSpan {
  readonly id: string;
  readonly parentId?: string;
  readonly localEndpoint?: { readonly serviceName?: string };
}

/** Looks a trace up by its id. */
export async function readFromZipkin(url: string, traceId: string): Promise<readonly ZipkinSpan[]> {
  return JSON.parse(await getText(`${url}/api/v2/trace/${traceId}`)) as ZipkinSpan[];
}
