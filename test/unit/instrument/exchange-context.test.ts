import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createContextKey, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { getRPCMetadata, isTracingSuppressed, RPCType, setRPCMetadata, suppressTracing } from '@opentelemetry/core';
import { ExchangeContext } from '../../../src/instrument/exchange-context.ts';
import { RequestContext, requestOf } from '../../../src/request/request-context.ts';

const span = (spanId: string) => trace.wrapSpanContext({ traceId: 'a'.repeat(32), spanId, traceFlags: 1 });
const KEY = createContextKey('mine');

// These two fail when the API or core files its values differently.
test('the API finds the span and core the RPC metadata', () => {
  const own = span('1'.repeat(16));
  const rpc = { type: RPCType.HTTP, span: own };
  const scope = new ExchangeContext(ROOT_CONTEXT, { span: own, rpc });
  assert.equal(trace.getSpan(scope), own);
  assert.equal(getRPCMetadata(scope), rpc);
});

test('without RPC metadata that of the parent shows through', () => {
  const rpc = { type: RPCType.HTTP, span: span('1'.repeat(16)) };
  const scope = new ExchangeContext(setRPCMetadata(ROOT_CONTEXT, rpc), { span: span('2'.repeat(16)) });
  assert.equal(getRPCMetadata(scope), rpc);
});

test('values of the parent stay readable, and values set on top keep span and metadata', () => {
  const own = span('1'.repeat(16));
  const rpc = { type: RPCType.HTTP, span: own };
  const parent = propagation.setBaggage(ROOT_CONTEXT, propagation.createBaggage({ a: { value: '1' } }));
  const scope = new ExchangeContext(parent, { span: own, rpc });
  assert.equal(propagation.getBaggage(scope)?.getEntry('a')?.value, '1');
  const on = suppressTracing(scope.setValue(KEY, 'value'));
  assert.equal(on.getValue(KEY), 'value');
  assert.equal(trace.getSpan(on), own);
  assert.equal(getRPCMetadata(on), rpc);
  assert.equal(isTracingSuppressed(on), true);
  assert.equal(isTracingSuppressed(scope), false);
  assert.equal(scope.getValue(KEY), undefined);
});

test('a span set on top or deleted hides this one only there', () => {
  const own = span('1'.repeat(16));
  const inner = span('2'.repeat(16));
  const scope = new ExchangeContext(ROOT_CONTEXT, { span: own });
  assert.equal(trace.getSpan(trace.setSpan(scope, inner)), inner);
  assert.equal(trace.getSpan(trace.deleteSpan(scope)), undefined);
  assert.equal(trace.getSpan(scope), own);
});

test('the request is found in its context and in those derived from it, and nowhere else', () => {
  const request = new RequestContext(undefined);
  const scope = new ExchangeContext(ROOT_CONTEXT, { request });
  assert.equal(requestOf(scope), request);
  assert.equal(requestOf(trace.setSpan(scope, span('2'.repeat(16)))), request);
  assert.equal(requestOf(ROOT_CONTEXT), undefined);
});
