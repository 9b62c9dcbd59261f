import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { OtlpSpanProcessor } from '../../../src/outputs/otlp.ts';
import { destinationAt, holding, startServer, startTcpServer, until } from '../delivery/fault-server.ts';
import { LIMITS, tidy } from './output-support.ts';

test('a destination that hangs delays none of the others and loses nothing that fits', async (t) => {
  const healthy = await startServer((_, response) => response.end());
  const hanging = await startTcpServer(() => undefined);
  const processor = new OtlpSpanProcessor({
    destinations: [destinationAt(hanging.url), destinationAt(healthy.url, { protocol: 'http/json' })],
    limits: { ...LIMITS, maxExportBatchSize: 10 },
  });
  const [stuck, served] = processor.outputs;
  assert.ok(stuck && served);
  t.after(() => healthy.close());
  t.after(() => served.close());
  tidy(t, stuck, hanging);
  const tracer = new TracerProvider({ spanProcessors: [processor] }).getTracer('test');
  await holding(async () => {
    for (let index = 0; index < 100; index += 1) tracer.startSpan(`span ${index}`).end();
    await until(() => served.stats().sentItems === 100, 'sent');
  });
  assert.equal(stuck.stats().queuedItems, 100);
});
