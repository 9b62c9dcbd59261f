import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { ROOT_CONTEXT } from '@opentelemetry/api';
import {
  addBreadcrumb,
  type Breadcrumb,
  breadcrumbsOf,
  keepBreadcrumbs,
  MAX_BREADCRUMBS,
} from '../../../src/request/breadcrumbs.ts';
import { createRequestLogProcessor } from '../../../src/request/log-processor.ts';
import { REQUEST_KEY, RequestContext } from '../../../src/request/request-context.ts';

afterEach(() => keepBreadcrumbs(false));

const crumb = (message: string): Breadcrumb => ({ kind: 'log', timeMillis: 0, level: 'info', message });
const messages = (request?: RequestContext): string[] => breadcrumbsOf(request).map(({ message }) => message);

test('nothing is kept, and nothing allocated, until somebody wants errors', () => {
  const request = new RequestContext('a');
  addBreadcrumb(crumb('x'), request);
  assert.equal(request.knownRing, undefined);
  keepBreadcrumbs(true);
  assert.equal(request.knownRing, undefined);
  addBreadcrumb(crumb('y'), request);
  assert.deepEqual(messages(request), ['y']);
});

test('the last ones are kept, oldest first, long messages cut', () => {
  keepBreadcrumbs(true);
  const request = new RequestContext('a');
  for (let index = 0; index < MAX_BREADCRUMBS + 7; index += 1) addBreadcrumb(crumb(`${index}`), request);
  assert.deepEqual(
    messages(request),
    Array.from({ length: MAX_BREADCRUMBS }, (_, index) => `${index + 7}`),
  );
  addBreadcrumb(crumb('x'.repeat(1e6)), request);
  assert.equal(messages(request).at(-1)?.length, 1024);
});

test('requests and what runs outside of them are kept apart', () => {
  keepBreadcrumbs(true);
  const [a, b] = [new RequestContext('a'), new RequestContext('b')];
  addBreadcrumb(crumb('a'), a);
  addBreadcrumb(crumb('b'), b);
  addBreadcrumb(crumb('process'), undefined);
  assert.deepEqual([messages(a), messages(b), messages()], [['a'], ['b'], ['process']]);
});

test('log records are breadcrumbs of their request', () => {
  keepBreadcrumbs(true);
  const request = new RequestContext('a');
  const record = { body: 'asked', severityText: 'INFO', attributes: {}, setAttribute: () => record };
  createRequestLogProcessor().onEmit(record as never, ROOT_CONTEXT.setValue(REQUEST_KEY, request));
  createRequestLogProcessor().onEmit({ ...record, body: { deep: 1 } } as never, ROOT_CONTEXT);
  assert.deepEqual(
    breadcrumbsOf(request).map(({ kind, level, message }) => [kind, level, message]),
    [['log', 'info', 'asked']],
  );
  assert.deepEqual(messages(), []);
});

test('one that is given as a function is made when it is asked for, and cut like the others', () => {
  keepBreadcrumbs(true);
  const request = new RequestContext('a');
  let made = 0;
  addBreadcrumb(() => crumb('x'.repeat(1024 + (made += 1))), request);
  assert.equal(made, 0);
  assert.equal(messages(request)[0]?.length, 1024);
  assert.equal(made, 1);
});
