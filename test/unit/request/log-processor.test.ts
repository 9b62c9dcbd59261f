import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT_CONTEXT } from '@opentelemetry/api';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { createRequestLogProcessor } from '../../../src/request/log-processor.ts';
import { REQUEST_KEY, RequestContext } from '../../../src/request/request-context.ts';

const exporter = new InMemoryLogRecordExporter();
const provider = new LoggerProvider({
  processors: [createRequestLogProcessor(), new SimpleLogRecordProcessor({ exporter })],
});
const logger = provider.getLogger('test');
const request = new RequestContext('r1');
request.add({ userId: 'u1', tags: { property_id: 'p1' } });
const inRequest = ROOT_CONTEXT.setValue(REQUEST_KEY, request);

test('records of a request carry it; what a record says itself wins', () => {
  logger.emit({ body: 'a', context: inRequest, attributes: { mine: 1 } });
  logger.emit({ body: 'b', context: inRequest, attributes: { 'user.id': 'other' } });
  logger.emit({ body: 'c', context: ROOT_CONTEXT });
  const ofRequest = { 'request.id': 'r1', 'user.id': 'u1', property_id: 'p1' };
  assert.deepEqual(
    exporter.getFinishedLogRecords().map(({ attributes }) => ({ ...attributes })),
    [{ mine: 1, ...ofRequest }, { ...ofRequest, 'user.id': 'other' }, {}],
  );
});

test('alone it wants no records', () => {
  const alone = new LoggerProvider({ processors: [createRequestLogProcessor()] });
  assert.equal(alone.getLogger('test').enabled(), false);
});
