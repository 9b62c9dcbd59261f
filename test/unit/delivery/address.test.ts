import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import { createServer, type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
import {
  addressesOf,
  createHostAddresses,
  FRESH_MILLIS,
  type HostAddresses,
  PATIENCE_MILLIS,
} from '../../../src/delivery/address.ts';

const ONE: readonly LookupAddress[] = [{ address: '127.0.0.1', family: 4 }];
const TWO: readonly LookupAddress[] = [...ONE, { address: '::1', family: 6 }];

/** A host whose look-ups, clock and timer the test holds. */
function createHost() {
  const state = { now: 0, asked: 0, answer: (): Promise<readonly LookupAddress[]> => Promise.resolve(ONE) };
  const timers: { work: () => void; delayMillis: number }[] = [];
  const addresses = createHostAddresses('collector.test', {
    now: () => state.now,
    timer: (work, delayMillis) => {
      timers.push({ work, delayMillis });
      return () => undefined;
    },
    lookUp: (host) => {
      assert.equal(host, 'collector.test');
      state.asked += 1;
      return state.answer();
    },
  });
  return { state, timers, addresses };
}

function look(addresses: HostAddresses): Promise<unknown> {
  return new Promise((resolve, reject) =>
    addresses.lookup('collector.test', { all: true }, (cause, found) => (cause ? reject(cause) : resolve(found))),
  );
}

const failing = (): Promise<never> => Promise.reject(Object.assign(new Error('no such host'), { code: 'ENOTFOUND' }));

test('look-ups at the same time and within 30 s are one look-up', async () => {
  const { state, addresses } = createHost();
  assert.deepEqual(await Promise.all([look(addresses), look(addresses)]), [ONE, ONE]);
  state.now = FRESH_MILLIS - 1;
  await look(addresses);
  assert.equal(state.asked, 1);
  state.now = FRESH_MILLIS;
  await look(addresses);
  assert.equal(state.asked, 2);
});

test('a look-up that fails gives the last good addresses; without any, its error', async () => {
  const { state, addresses } = createHost();
  state.answer = failing;
  await addresses.prepare();
  await assert.rejects(look(addresses), { code: 'ENOTFOUND' });
  state.answer = () => Promise.resolve(TWO);
  assert.deepEqual(await look(addresses), TWO);
  state.now = FRESH_MILLIS;
  state.answer = failing;
  assert.deepEqual(await look(addresses), TWO);
});

test('a look-up that hangs is waited for one second when there are older addresses', async () => {
  const { state, timers, addresses } = createHost();
  await addresses.prepare();
  state.now = FRESH_MILLIS;
  let answer: ((found: readonly LookupAddress[]) => void) | undefined;
  state.answer = () => new Promise((resolve) => (answer = resolve));
  const looked = look(addresses);
  assert.equal(timers[0]?.delayMillis, PATIENCE_MILLIS);
  timers[0].work();
  assert.deepEqual(await looked, ONE);
  answer?.(TWO);
  await new Promise(setImmediate);
  assert.deepEqual(await look(addresses), TWO);
  assert.equal(state.asked, 2);
});

test('one address is known ahead; of several, only one that took a connection', async (t) => {
  const { state, addresses } = createHost();
  assert.equal(addresses.reachable, undefined);
  await addresses.prepare();
  assert.equal(addresses.reachable, '127.0.0.1');
  state.now = FRESH_MILLIS;
  state.answer = () => Promise.resolve(TWO);
  await addresses.prepare();
  assert.equal(addresses.reachable, undefined);

  const server = createServer((socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const socket = connect({ host: 'collector.test', port, lookup: addresses.lookup });
  await new Promise<void>((resolve, reject) => socket.on('connect', resolve).on('error', reject));
  addresses.connected(socket);
  socket.destroy();
  assert.equal(addresses.reachable, '127.0.0.1');
});

test('a host is remembered once for all signals, an address is not looked up', () => {
  const traces = addressesOf('http://collector.test:4318/v1/traces');
  assert.ok(traces);
  assert.equal(addressesOf('https://collector.test/v1/logs'), traces);
  assert.equal(addressesOf('http://127.0.0.1:4318/'), undefined);
  assert.equal(addressesOf('http://[::1]:4318/'), undefined);
});
