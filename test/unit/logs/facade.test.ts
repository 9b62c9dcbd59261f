import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeverityNumber } from '@opentelemetry/api';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { degradations } from '../../../src/core/guard.ts';
import { createLoggerBinding, createLoggerFacade } from '../../../src/logs/facade.ts';

test('a record keeps what can be read of it; what is no record is dropped; both are counted', () => {
  const exporter = new InMemoryLogRecordExporter();
  const binding = createLoggerBinding();
  binding.bind(new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })] }));
  const logger = createLoggerFacade(binding).getLogger(Symbol('name') as never, 7 as never, 'text' as never);
  const before = degradations()['logs.emit']?.count ?? 0;
  const attributes = Object.defineProperty({ good: 1 }, 'bad', {
    enumerable: true,
    get() {
      throw new Error('boom');
    },
  });
  logger.emit({ body: 'said', severityNumber: SeverityNumber.ERROR, timestamp: 'now' as never, attributes });
  logger.emit({ body: 'text', attributes: 'text' as never });
  logger.emit(null as never);
  assert.deepEqual(
    exporter.getFinishedLogRecords().map((record) => [record.body, record.severityNumber, record.attributes]),
    [
      ['said', SeverityNumber.ERROR, { good: 1 }],
      ['text', undefined, {}],
    ],
  );
  assert.equal(exporter.getFinishedLogRecords()[0]?.instrumentationScope.name, 'Symbol(name)');
  assert.ok((degradations()['logs.emit']?.count ?? 0) >= before + 3);
});
