import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Resolution, ScrapeConfig } from '../../../src/config/config.ts';
import { resolveConfig } from '../../../src/config/resolve.ts';

type Env = Readonly<Record<string, string>>;

function resolve(env: Env): { scrape: ScrapeConfig; codes: string[]; settings: Resolution['settings'] } {
  const { config, issues, settings } = resolveConfig({ env });
  return { scrape: config.metrics.scrape, codes: issues.map(({ severity, code }) => `${severity} ${code}`), settings };
}

suite("the application's own port", () => {
  const onApp: Env = { DUOTEL_METRICS_ON_APP: '/metrics', DUOTEL_METRICS_TOKEN: 't0ken' };
  const conflict = ['notice DUOTEL_CONFIG_CONFLICT'];
  const rows: readonly (readonly [Env, open: string, appPath: string | undefined, codes: readonly string[]])[] = [
    [{}, 'never', '/metrics', []],
    [{ OTEL_METRICS_EXPORTER: 'prometheus' }, 'never', '/metrics', []],
    [{ OTEL_METRICS_EXPORTER: 'otlp,prometheus' }, 'never', '/metrics', []],
    [{ OTEL_EXPORTER_PROMETHEUS_PORT: '9000' }, 'always', '/metrics', []],
    [{ OTEL_EXPORTER_PROMETHEUS_HOST: 'unix:/run/m.sock' }, 'always', '/metrics', []],
    [{ ENABLE_PROMETHEUS_METRICS: 'false' }, 'never', undefined, conflict],
    [{ OTEL_METRICS_EXPORTER: 'otlp' }, 'never', undefined, conflict],
    [{ OTEL_METRICS_EXPORTER: 'none' }, 'never', undefined, conflict],
  ];
  for (const [env, open, appPath, codes] of rows) {
    test(`with ${JSON.stringify(env)}: own listener ${open}, path ${appPath ?? 'none'}`, () => {
      const found = resolve({ ...onApp, ...env });
      assert.deepEqual([found.scrape.open, found.scrape.appPath, found.codes], [open, appPath, codes]);
    });
  }

  test('what is no path of its own counts as unset', () => {
    for (const value of ['/', 'metrics', '/a b', '/m?x', '/m#x', 'http://h/m']) {
      const { scrape, codes } = resolve({ DUOTEL_METRICS_ON_APP: value });
      assert.deepEqual(
        [scrape.open, scrape.appPath, codes],
        ['listening', undefined, ['notice DUOTEL_CONFIG_INVALID']],
      );
    }
  });
});

suite('who is served', () => {
  test('tokens, a file and Basic stand side by side, and no secret is shown', () => {
    const { scrape, codes, settings } = resolve({
      DUOTEL_METRICS_TOKEN: 't0ken',
      DUOTEL_METRICS_TOKEN_FILE: '/run/token',
      DUOTEL_METRICS_BASIC_AUTH: 'prom:pa:ss',
    });
    assert.deepEqual(scrape.access, { token: 't0ken', tokenFile: '/run/token', basic: 'prom:pa:ss' });
    assert.deepEqual(codes, []);
    assert.doesNotMatch(JSON.stringify(settings), /t0ken|pa:ss/);
  });

  test('Basic without a colon is named without its value and serves nobody', () => {
    const { issues, config } = resolveConfig({ env: { DUOTEL_METRICS_BASIC_AUTH: 'hunter2' } });
    assert.deepEqual(config.metrics.scrape.access, {});
    assert.match(issues.map(({ message }) => message).join(), /DUOTEL_METRICS_BASIC_AUTH is not user:password/);
    assert.doesNotMatch(JSON.stringify(issues), /hunter2/);
  });

  test('an address beyond loopback without credentials is a note, loopback and credentials are not', () => {
    const note = ['info DUOTEL_CONFIG_CREDENTIAL'];
    const host = (value: string): Env => ({ OTEL_EXPORTER_PROMETHEUS_HOST: value });
    for (const value of ['0.0.0.0', '::', '[::]', '10.0.0.1', 'metrics.internal'])
      assert.deepEqual(resolve(host(value)).codes, note, value);
    for (const value of ['127.0.0.1', '127.1.2.3', 'localhost', '::1', '[::1]', 'unix:/run/m.sock'])
      assert.deepEqual(resolve(host(value)).codes, [], value);
    assert.deepEqual(resolve({ DUOTEL_METRICS_ON_APP: '/metrics' }).codes, note);
    assert.deepEqual(resolve({ ...host('0.0.0.0'), DUOTEL_METRICS_TOKEN: 't' }).codes, []);
    assert.deepEqual(resolve({ ...host('0.0.0.0'), OTEL_METRICS_EXPORTER: 'none' }).codes, []);
  });
});

suite('over what', () => {
  test('unix: names a socket, with or without slashes, and opens it in every process', () => {
    for (const value of ['unix:/run/m.sock', 'unix:///run/m.sock']) {
      const { scrape } = resolve({ OTEL_EXPORTER_PROMETHEUS_HOST: value });
      assert.deepEqual([scrape.open, scrape.socketPath], ['always', '/run/m.sock']);
    }
  });

  test('certificate and key make HTTPS; one of them without the other closes the endpoint', () => {
    const both: Env = { DUOTEL_METRICS_TLS_CERT: '/c.pem', DUOTEL_METRICS_TLS_KEY: '/k.pem' };
    assert.deepEqual(resolve(both).scrape.tls, { certFile: '/c.pem', keyFile: '/k.pem' });
    const mutual = resolve({ ...both, DUOTEL_METRICS_TLS_CLIENT_CA: '/ca.pem' });
    assert.equal(mutual.scrape.tls?.clientCaFile, '/ca.pem');
    for (const name of ['DUOTEL_METRICS_TLS_CERT', 'DUOTEL_METRICS_TLS_KEY', 'DUOTEL_METRICS_TLS_CLIENT_CA']) {
      const { scrape, codes } = resolve({ [name]: '/x.pem', OTEL_EXPORTER_PROMETHEUS_PORT: '0' });
      assert.deepEqual([scrape.open, scrape.tls, codes], ['never', undefined, ['notice DUOTEL_CONFIG_CREDENTIAL']]);
    }
  });
});
