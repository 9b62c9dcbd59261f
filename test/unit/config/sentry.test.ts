import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseDsn, projectUrl } from '../../../src/config/dsn.ts';
import { resolveConfig } from '../../../src/config/resolve.ts';

const DSN = 'https://abc123@o1.ingest.sentry.example/42';

function sentryOf(env: Readonly<Record<string, string>>) {
  const { config, issues, settings } = resolveConfig({ env: { OTEL_SERVICE_NAME: 'svc', ...env } });
  const setting = (name: string): string | undefined => settings.find((each) => each.name === name)?.value;
  return { sentry: config.sentry, messages: issues.map(({ message }) => message), setting };
}

suite('DSN', () => {
  test('protocol, host, port, path, key and project are read, and a secret key is left out', () => {
    const cases = {
      [DSN]: 'https://o1.ingest.sentry.example/api/42/',
      'http://key:secret@127.0.0.1:9000/1': 'http://127.0.0.1:9000/api/1/',
      'https://key@sentry.example/in/house/7': 'https://sentry.example/in/house/api/7/',
      'http://key@[::1]:9000/1': 'http://[::1]:9000/api/1/',
    };
    for (const [text, url] of Object.entries(cases)) {
      const parsed = parseDsn(text);
      assert.ok(parsed.ok, text);
      assert.equal(projectUrl(parsed.dsn), url);
      assert.ok(!JSON.stringify(parsed).includes('secret'));
    }
  });

  test('each mistake has its own words, and none repeats the text', () => {
    const cases = {
      nonsense: 'is no address',
      'ftp://key@host/1': 'does not start with https:// or http://',
      'https://sentry.example/1': 'has no public key in front of the @',
      'https://key@sentry.example/': 'has no number of a project at its end',
      'https://key@sentry.example/web': 'has no number of a project at its end',
    };
    for (const [text, problem] of Object.entries(cases)) assert.deepEqual(parseDsn(text), { ok: false, problem });
  });
});

suite('configuration of Sentry', () => {
  test('without a DSN, or with an empty one, Sentry is off and nothing is said', () => {
    for (const env of [{}, { SENTRY_DSN: '' }, { SENTRY_TRACES_SAMPLE_RATE: '0.5' }]) {
      const { sentry, messages } = sentryOf(env);
      assert.equal(sentry, undefined);
      assert.deepEqual(messages, []);
    }
  });

  test('a DSN alone sends errors and a tenth of the traces of production', () => {
    const { sentry, messages, setting } = sentryOf({ SENTRY_DSN: DSN });
    assert.deepEqual(sentry, {
      dsn: {
        protocol: 'https',
        host: 'o1.ingest.sentry.example',
        port: undefined,
        path: '',
        publicKey: 'abc123',
        projectId: '42',
      },
      tracesSampleRate: 0.1,
      traces: 'otlp',
      errorTraces: true,
      rules: [],
      logs: 'off',
      profilesSampleRate: 0,
      environment: 'production',
      release: undefined,
    });
    assert.deepEqual(messages, []);
    assert.equal(setting('SENTRY_DSN'), '[secret]');
    assert.equal(setting('SENTRY_TRACES_SAMPLE_RATE'), '0.1');
  });

  test('elsewhere all traces are sent, and every value can be set', () => {
    assert.equal(sentryOf({ SENTRY_DSN: DSN, NODE_ENV: 'development' }).sentry?.tracesSampleRate, 1);
    const { sentry } = sentryOf({
      SENTRY_DSN: DSN,
      SENTRY_TRACES_SAMPLE_RATE: '0',
      DUOTEL_SENTRY_TRACES: 'transactions',
      SENTRY_ENVIRONMENT: 'staging',
      SENTRY_RELEASE: 'shop@2',
      HTTPS_PROXY: 'http://proxy.example:3128',
    });
    assert.equal(sentry?.tracesSampleRate, 0);
    assert.equal(sentry.traces, 'transactions');
    assert.equal(sentry.environment, 'staging');
    assert.equal(sentry.release, 'shop@2');
    assert.equal(sentry.proxy, 'http://proxy.example:3128');
  });

  test('a bad DSN is one line with a remedy that does not show it', () => {
    const { sentry, messages } = sentryOf({ SENTRY_DSN: 'https://sentry.example/1' });
    assert.equal(sentry, undefined);
    assert.deepEqual(messages, [
      'SENTRY_DSN (value not shown) has no public key in front of the @ (a DSN looks like https://KEY@HOST/PROJECT); it counts as unset. Correct or remove it.',
    ]);
  });
});
