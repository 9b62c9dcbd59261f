import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createContextKey, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { getRPCMetadata, isTracingSuppressed, RPCType, setRPCMetadata, suppressTracing } from '@opentelemetry/core';
import { isWithin, RequestContext } from '../../../src/instrument/request-context.ts';

const span = (spanId: string) => trace.wrapSpanContext({ traceId: 'a'.repeat(32), spanId, traceFlags: 1 });
const KEY = createContextKey('mine');

// These two fail when the API or core files its values differently.
test('the API finds the span and core the RPC metadata', () => {
  const own = span('1'.repeat(16));
  const rpc = { type: RPCType.HTTP, span: own };
  const scope = new RequestContext(ROOT_CONTEXT, own, rpc);
  assert.equal(trace.getSpan(scope), own);
  assert.equal(getRPCMetadata(scope), rpc);
});

test('without RPC metadata that of the parent shows through', () => {
  const rpc = { type: RPCType.HTTP, span: span('1'.repeat(16)) };
  const scope = new RequestContext(setRPCMetadata(ROOT_CONTEXT, rpc), span('2'.repeat(16)));
  assert.equal(getRPCMetadata(scope), rpc);
});

test('values of the parent stay readable, and values set on top keep span and metadata', () => {
  const own = span('1'.repeat(16));
  const rpc = { type: RPCType.HTTP, span: own };
  const parent = propagation.setBaggage(ROOT_CONTEXT, propagation.createBaggage({ a: { value: '1' } }));
  const scope = new RequestContext(parent, own, rpc);
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
  const scope = new RequestContext(ROOT_CONTEXT, own);
  assert.equal(trace.getSpan(trace.setSpan(scope, inner)), inner);
  assert.equal(trace.getSpan(trace.deleteSpan(scope)), undefined);
  assert.equal(trace.getSpan(scope), own);
});

test('a context is within a request when it is the request’s or derived from it', () => {
  const own = span('1'.repeat(16));
  const rpc = { type: RPCType.HTTP, span: own };
  const scope = new RequestContext(ROOT_CONTEXT, own, rpc);
  assert.equal(isWithin(scope, rpc), true);
  assert.equal(isWithin(trace.setSpan(scope, span('2'.repeat(16))), rpc), true);
  assert.equal(isWithin(ROOT_CONTEXT, rpc), false);
});
