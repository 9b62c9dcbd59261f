/** From lines to log records, and never from telemetry's own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { context, type Context, ROOT_CONTEXT, SeverityNumber, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { suppressTracing } from '@opentelemetry/core';
import {
  InMemoryLogRecordExporter,
  LoggerProvider,
  type LogRecordProcessor,
  type ReadableLogRecord,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs';
import { degradations } from '../../../../src/core/guard.ts';
import { LogSource } from '../../../../src/instrument/logs/log-source.ts';
import { REQUEST_KEY, RequestContext } from '../../../../src/request/request-context.ts';

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

const SPAN = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };
const IN_SPAN = trace.setSpanContext(ROOT_CONTEXT, SPAN);

interface Setup {
  readonly source: LogSource;
  readonly records: () => ReadableLogRecord[];
}

function setUp(onEmit: LogRecordProcessor['onEmit'] = () => undefined): Setup {
  const exporter = new InMemoryLogRecordExporter();
  const own: LogRecordProcessor = { onEmit, forceFlush: async () => undefined, shutdown: async () => undefined };
  const source = new LogSource('test');
  source.connect(new LoggerProvider({ processors: [own, new SimpleLogRecordProcessor({ exporter })] }));
  return { source, records: () => exporter.getFinishedLogRecords() };
}

function log(source: LogSource, body: string, scope: Context = context.active()): void {
  if (source.wants(SeverityNumber.INFO, scope)) source.emit(scope, () => ({ body }));
}

test('a record has the ids of the context its line was written in', () => {
  const { source, records } = setUp();
  log(source, 'x', IN_SPAN);
  assert.deepEqual(records()[0]?.spanContext, SPAN);
});

test('nothing is wanted before there is a provider, and nothing a provider refuses', () => {
  const source = new LogSource('test');
  assert.equal(source.wants(SeverityNumber.FATAL, ROOT_CONTEXT), false);
  const loggerConfigurator = (): { enabled: true; minimumSeverity: SeverityNumber; traceBased: false } => ({
    enabled: true,
    minimumSeverity: SeverityNumber.WARN,
    traceBased: false,
  });
  const processors = [new SimpleLogRecordProcessor({ exporter: new InMemoryLogRecordExporter() })];
  source.connect(new LoggerProvider({ loggerConfigurator, processors }));
  assert.deepEqual(
    [SeverityNumber.INFO, SeverityNumber.WARN].map((severity) => source.wants(severity, ROOT_CONTEXT)),
    [false, true],
  );
});

test('what a processor logs while it sees a record is no record, at once or later', async () => {
  const later: Promise<void>[] = [];
  const { source, records } = setUp(() => {
    log(source, 'at once');
    later.push(
      new Promise((resolve) => {
        setTimeout(() => {
          log(source, 'later');
          resolve();
        }, 1);
      }),
    );
  });
  log(source, 'mine', IN_SPAN);
  await Promise.all(later);
  assert.deepEqual(
    records().map(({ body }) => body),
    ['mine'],
  );
});

test('what is logged while telemetry is sent is no record, but what an ignored request logs is', () => {
  const { source, records } = setUp();
  const ignored = suppressTracing(ROOT_CONTEXT).setValue(REQUEST_KEY, new RequestContext('id'));
  log(source, 'exporter', suppressTracing(ROOT_CONTEXT));
  log(source, 'exporter in a request', suppressTracing(IN_SPAN.setValue(REQUEST_KEY, new RequestContext('id'))));
  log(source, 'probe', ignored);
  assert.deepEqual(
    records().map(({ body }) => body),
    ['probe'],
  );
});

test('a description that throws costs the record and is counted, and the next one is made', () => {
  const { source, records } = setUp();
  source.emit(ROOT_CONTEXT, () => {
    throw new Error('hostile');
  });
  assert.equal(degradations()['logs.test']?.lastError, 'hostile');
  log(source, 'next');
  assert.equal(records().length, 1);
});
