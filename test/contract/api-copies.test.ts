/**
 * What `run/globals.ts` relies on in `@opentelemetry/api`; a release that changes it fails here first.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import * as esm from '@opentelemetry/api';
import { API_KEY, claimGlobals, PRIVATE_API_VERSION } from '../../src/run/globals.ts';
import { ROOT } from '../../tools/node-versions.mjs';

const cjs = createRequire(import.meta.url)('@opentelemetry/api') as typeof esm;
const slot = () => (globalThis as { [API_KEY]?: Record<string, unknown> })[API_KEY];

const stub = (): Parameters<typeof claimGlobals>[0] => ({
  trace: { getTracer: () => cjs.trace.getTracer('stub') },
  metrics: { getMeter: () => cjs.createNoopMeter() },
  logs: { getLogger: () => cjs.createNoopLogger() },
  context: {} as esm.ContextManager,
  propagation: {} as esm.TextMapPropagator,
});

test('the private copy has the version the code says', () => {
  const manifest = readFileSync(join(ROOT, 'node_modules/@opentelemetry/api/package.json'), 'utf8');
  assert.equal((JSON.parse(manifest) as { version: string }).version, PRIVATE_API_VERSION);
});

test('the two copies of one version are strangers until they meet in the global object', () => {
  assert.notEqual(esm.trace, cjs.trace);
  assert.equal(slot(), undefined);
});

test('a copy registers under the symbol, the slot names and the version field we use', (t) => {
  t.after(() => delete (globalThis as { [API_KEY]?: unknown })[API_KEY]);
  const provider = stub();
  cjs.metrics.setGlobalMeterProvider(provider.metrics);
  cjs.logs.setGlobalLoggerProvider(provider.logs);
  cjs.trace.setGlobalTracerProvider(provider.trace);
  assert.deepEqual(Object.keys(slot() ?? {}).sort(), ['logs', 'metrics', 'trace', 'version']);
  assert.equal(slot()?.['version'], PRIVATE_API_VERSION);
});

test('both copies read what we claim, join what they handed out before, and let go on release', () => {
  const slots = stub();
  const claim = claimGlobals(slots, [cjs, esm], undefined);
  for (const copy of [cjs, esm]) {
    assert.equal(copy.trace.getTracerProvider(), slots.trace);
    assert.equal(copy.metrics.getMeterProvider(), slots.metrics);
    assert.equal(copy.logs.getLoggerProvider(), slots.logs);
  }
  assert.deepEqual([claim.held, claim.blind], [[], 0]);
  claim.release();
  assert.equal(slot(), undefined);
});

test('the proxies of tracers and loggers can be pointed at a provider', () => {
  for (const copy of [cjs, esm]) {
    assert.equal(
      typeof (copy.trace.getTracerProvider() as unknown as Record<string, unknown>)['setDelegate'],
      'function',
    );
    assert.equal(
      typeof (copy.logs.getLoggerProvider() as unknown as Record<string, unknown>)['_setDelegate'],
      'function',
    );
  }
});

test('a slot that is taken stays with its holder and is named', (t) => {
  t.after(() => delete (globalThis as { [API_KEY]?: unknown })[API_KEY]);
  class HostProvider {
    getMeter = () => cjs.createNoopMeter();
  }
  const host = new HostProvider();
  cjs.metrics.setGlobalMeterProvider(host);
  const claim = claimGlobals(stub(), [], '1.12.3');
  assert.deepEqual(claim.held, [{ slot: 'metrics', holder: 'HostProvider' }]);
  assert.equal(slot()?.['metrics'], host);
  assert.equal(slot()?.['version'], '1.12.3');
  claim.release();
  assert.equal(slot()?.['metrics'], host);
});
