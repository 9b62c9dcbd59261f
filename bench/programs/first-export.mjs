/**
 * One span made and flushed, twice: the difference is what is loaded and opened by the first export.
 *
 * `FLUSH=duotel` flushes through the handle, otherwise the preload has left `benchForceFlush`.
 */
import { trace } from '@opentelemetry/api';
import { report } from './report.mjs';

const forceFlush = process.env.FLUSH === 'duotel' ? await duotelFlush() : globalThis.benchForceFlush;
const builtinsBefore = process.moduleLoadList.length;

async function duotelFlush() {
  const { start } = await import('duotel');
  const handle = start();
  return () => handle.forceFlush();
}

async function exportOne() {
  const loop = performance.eventLoopUtilization();
  const from = performance.now();
  trace.getTracer('bench').startSpan('first export').end();
  await forceFlush();
  return { millis: performance.now() - from, busy: performance.eventLoopUtilization(loop).active };
}

// Utilization is known once the loop turns.
await new Promise(setImmediate);
const first = await exportOne();
const loadedByFirst = process.moduleLoadList.length - builtinsBefore;
const second = await exportOne();
report({ first, second, loadedByFirst });
