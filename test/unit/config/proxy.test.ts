import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Resolution } from '../../../src/config/config.ts';
import { isDirect } from '../../../src/config/proxy.ts';
import { resolveConfig } from '../../../src/config/resolve.ts';

function resolve(env: Readonly<Record<string, string>>): Resolution {
  return resolveConfig({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.test:4318', ...env } });
}

const proxyOf = (env: Readonly<Record<string, string>>): string | undefined => resolve(env).config.traces.otlp?.proxy;
const HTTPS = { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector.test' };

suite('proxy variables', () => {
  test('the scheme of the destination picks the variable; lower case wins; ALL_PROXY is not read', () => {
    assert.equal(proxyOf({ HTTP_PROXY: 'http://upper:1', HTTPS_PROXY: 'http://secure:1' }), 'http://upper:1');
    assert.equal(proxyOf({ HTTP_PROXY: 'http://upper:1', http_proxy: 'http://lower:1' }), 'http://lower:1');
    assert.equal(
      proxyOf({ ...HTTPS, HTTP_PROXY: 'http://upper:1', HTTPS_PROXY: 'http://secure:1' }),
      'http://secure:1',
    );
    assert.equal(proxyOf({ ...HTTPS, HTTP_PROXY: 'http://upper:1' }), undefined);
    assert.equal(proxyOf({ ALL_PROXY: 'http://all:1' }), undefined);
  });

  test('an address may lack its scheme, as in curl; a path is left out, the credential stays', () => {
    assert.equal(proxyOf({ http_proxy: 'proxy:3128' }), 'http://proxy:3128');
    assert.equal(proxyOf({ http_proxy: 'http://u:p%40@proxy:3128/' }), 'http://u:p%40@proxy:3128');
  });

  test('a proxy that cannot be used counts as unset, and no finding or setting shows it', () => {
    const { config, issues, settings } = resolve({ http_proxy: 'socks5://user:passw0rd@proxy:1' });
    assert.equal(config.traces.otlp?.proxy, undefined);
    assert.equal(issues[0]?.code, 'DUOTEL_CONFIG_INVALID');
    const good = resolve({ http_proxy: 'http://user:passw0rd@proxy:1' });
    assert.equal(good.settings.find(({ name }) => name === 'http_proxy')?.value, '[secret]');
    assert.doesNotMatch(JSON.stringify([issues, settings, good.settings, good.issues]), /passw0rd/);
  });

  test('nothing is said about a proxy when nothing is sent', () => {
    assert.deepEqual(
      resolveConfig({ env: { http_proxy: '§ ?' } }).issues.filter(({ message }) => /prox/i.test(message)),
      [],
    );
  });

  test('NO_PROXY holds for each destination on its own', () => {
    const { config } = resolve({
      http_proxy: 'proxy:1',
      NO_PROXY: 'logs.test',
      OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://logs.test/v1/logs',
    });
    assert.equal(config.logs.otlp?.proxy, undefined);
    assert.equal(config.traces.otlp?.proxy, 'http://proxy:1');
  });
});

suite('NO_PROXY', () => {
  const direct: [list: string, url: string][] = [
    ['*', 'http://any.test'],
    ['a.test, OTHER.test', 'http://other.test:4318'],
    ['test', 'http://collector.test'],
    ['.collector.test', 'http://eu.collector.test'],
    ['.collector.test', 'http://collector.test'],
    ['*.collector.test', 'http://eu.collector.test'],
    ['collector.test:443', 'https://collector.test'],
    ['collector.test:4318', 'http://collector.test:4318'],
    ['localhost', 'http://localhost:4318'],
    ['::1', 'http://[::1]:4318'],
    ['[::1]:4318', 'http://[::1]:4318'],
  ];
  for (const [list, url] of direct) test(`"${list}" holds for ${url}`, () => assert.ok(isDirect(new URL(url), list)));

  const proxied: [list: string, url: string][] = [
    ['', 'http://localhost:4318'],
    [' , ', 'http://any.test'],
    ['lector.test', 'http://collector.test'],
    ['eu.collector.test', 'http://collector.test'],
    ['collector.test:80', 'http://collector.test:4318'],
    ['[::1]:1', 'http://[::1]:4318'],
    ['127.0.0.1', 'http://localhost:4318'],
  ];
  for (const [list, url] of proxied)
    test(`"${list}" does not hold for ${url}`, () => assert.ok(!isDirect(new URL(url), list)));
});
