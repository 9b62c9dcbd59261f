/** T18: with nothing configured nothing leaves the process, nothing is printed, and a server can be scraped. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appArguments, ROOT } from '../support/backends-app.ts';
import { getFromInside, launchIsolated, networkUse, skipWithoutIsolation } from '../support/backends-isolated.ts';
import { waitFor } from '../support/backends.ts';

const skip = skipWithoutIsolation();

/** How long the server is watched: 5 minutes at full length, else 10 s. */
const WATCH_MILLIS = process.env['DUOTEL_TEST_LONG'] ? 300_000 : 10_000;
const SCRAPE_URL = 'http://127.0.0.1:9464/metrics';
/** 127.0.0.1:9464 in the kernel's notation. */
const SCRAPE_LISTENER = '0100007F:24F8';

test('the network of these tests counts a connection and a name look-up', { skip }, async (t) => {
  const script = `
    require('node:net').connect(443, '192.0.2.1').on('error', () => {});
    require('node:dns').resolve('name.invalid', () => {});
    setTimeout(() => {}, 60_000);`;
  const program = await launchIsolated(t, process.execPath, ['-e', script]);
  const seenBoth = (): boolean => {
    const { connects, datagrams } = networkUse(program.pid);
    return connects > 0 && datagrams > 0;
  };
  await waitFor('both', seenBoth, program);
});

test(
  `T18: an unconfigured server opens no connection and prints nothing in ${WATCH_MILLIS / 1000} s`,
  { skip },
  async (t) => {
    const server = await launchIsolated(t, process.execPath, appArguments('server.mjs'), { cwd: ROOT });
    const port = await waitFor('the port', () => /^(\d+)\n/.exec(server.stdout())?.[1], server);
    await waitFor('the scrape listener', () => networkUse(server.pid).listeners.includes(SCRAPE_LISTENER), server);

    let asked = 0;
    const end = Date.now() + WATCH_MILLIS;
    do {
      const urls = [`http://127.0.0.1:${port}/order`, `http://127.0.0.1:${port}/fail`, SCRAPE_URL];
      assert.deepEqual(getFromInside(server.pid, urls), [200, 500, 200]);
      asked += urls.length;
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    } while (Date.now() < end);

    const use = networkUse(server.pid);
    assert.equal(use.connects, asked, 'every connection was one of ours');
    assert.equal(use.datagrams, 0);
    assert.equal(use.listeners.length, 2, `listening: ${use.listeners.join(', ')}`);
    assert.equal(server.isOver(), false);
    assert.equal(server.stderr(), '');
  },
);

test('T18: an unconfigured CLI listens on nothing, opens no connection and ends by itself', { skip }, async (t) => {
  // The shell keeps the network, and with it the counters, after the program has ended.
  const script = '"$@"; echo "code $?"; exec sleep 60';
  const args = ['-c', script, 'sh', process.execPath, ...appArguments('cli.mjs')];
  const shell = await launchIsolated(t, 'sh', args, { cwd: ROOT });
  const listeners = new Set<string>();
  await waitFor(
    'the end of the CLI',
    () => {
      for (const listener of networkUse(shell.pid).listeners) listeners.add(listener);
      return shell.stdout().includes('code ');
    },
    shell,
  );
  assert.equal(shell.stdout(), 'done\ncode 0\n');
  assert.equal(shell.stderr(), '');
  assert.deepEqual([...listeners], []);
  const { connects, datagrams } = networkUse(shell.pid);
  assert.deepEqual({ connects, datagrams }, { connects: 0, datagrams: 0 });
});
