import assert from 'node:assert/strict';
import { test } from 'node:test';
import { context, type Context, ROOT_CONTEXT, SeverityNumber, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { createTraceLinker } from '../../../src/logs/trace-links.ts';

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';

/** What a record emitted in a context carries. */
function linkOf(severityNumber: SeverityNumber | undefined, within: Context): unknown {
  const exporter = new InMemoryLogRecordExporter();
  const processors = [
    createTraceLinker('https://traces.example/{traceId}'),
    new SimpleLogRecordProcessor({ exporter }),
  ];
  const logger = new LoggerProvider({ processors }).getLogger('test');
  logger.emit({ body: 'x', context: within, ...(severityNumber !== undefined && { severityNumber }) });
  return exporter.getFinishedLogRecords()[0]?.attributes['duotel.trace.url'];
}

function within(traceFlags: number): Context {
  return trace.setSpanContext(ROOT_CONTEXT, { traceId: TRACE_ID, spanId: 'b7ad6b7169203331', traceFlags });
}

test('records of errors in a sampled trace carry its address, others do not', () => {
  const url = `https://traces.example/${TRACE_ID}`;
  assert.equal(linkOf(SeverityNumber.ERROR, within(1)), url);
  assert.equal(linkOf(SeverityNumber.FATAL, within(1)), url);
  assert.equal(linkOf(SeverityNumber.WARN4, within(1)), undefined);
  assert.equal(linkOf(undefined, within(1)), undefined);
  assert.equal(linkOf(SeverityNumber.ERROR, within(0)), undefined);
  assert.equal(linkOf(SeverityNumber.ERROR, ROOT_CONTEXT), undefined);
});
