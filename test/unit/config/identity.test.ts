import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { ResourceConfig } from '../../../src/config/config.ts';
import { parseAttributes } from '../../../src/config/identity.ts';
import type { StartOptions } from '../../../src/config/options.ts';
import { resolveConfig } from '../../../src/config/resolve.ts';

type Env = Readonly<Record<string, string>>;

function identity(env: Env, options: StartOptions = {}): ResourceConfig {
  return resolveConfig({ env, options }).config.resource;
}

suite('deployment environment', () => {
  const order: readonly (readonly [name: string, env: Env])[] = [
    ['SENTRY_ENVIRONMENT', { SENTRY_ENVIRONMENT: 'SENTRY_ENVIRONMENT' }],
    [
      'deployment.environment.name',
      { OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=deployment.environment.name' },
    ],
    ['ENVIRONMENT', { ENVIRONMENT: 'ENVIRONMENT' }],
    ['ENV', { ENV: 'ENV' }],
    ['NODE_ENV', { NODE_ENV: 'NODE_ENV' }],
  ];
  for (const [index, [name]] of order.entries()) {
    test(`${name} wins over what comes after it`, () => {
      const env = Object.assign({}, ...order.slice(index).map(([, part]) => part)) as Env;
      assert.equal(identity(env).environment, name);
    });
  }

  test('production when nothing says otherwise', () => assert.equal(identity({}).environment, 'production'));

  test('code wins over all variables', () => {
    const env = { SENTRY_ENVIRONMENT: 'a' };
    assert.equal(identity(env, { environment: 'b' }).environment, 'b');
    assert.equal(identity(env, { resourceAttributes: { 'deployment.environment.name': 'c' } }).environment, 'c');
  });

  test('the former name of the attribute counts', () => {
    assert.equal(
      identity({ OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=old', NODE_ENV: 'x' }).environment,
      'old',
    );
  });

  for (const file of ['/root/.shrc', '$HOME/.kshrc', String.raw`C:\init`]) {
    test(`ENV=${file} is the start-up file of a shell, not an environment`, () => {
      assert.equal(identity({ ENV: file, NODE_ENV: 'test' }).environment, 'test');
    });
  }
});

suite('service, version and release', () => {
  const attributes = 'service.name=attribute,service.version=1';

  test('the name: code, then OTEL_SERVICE_NAME, then the attribute', () => {
    const env = { OTEL_SERVICE_NAME: 'variable', OTEL_RESOURCE_ATTRIBUTES: attributes };
    assert.equal(identity(env, { serviceName: 'code' }).serviceName, 'code');
    assert.equal(identity(env, { resourceAttributes: { 'service.name': 'code' } }).serviceName, 'code');
    assert.equal(identity(env).serviceName, 'variable');
    assert.equal(identity({ OTEL_RESOURCE_ATTRIBUTES: attributes }).serviceName, 'attribute');
    assert.equal(identity({}).serviceName, undefined);
    assert.equal(identity({}, { serviceName: ' ' }).serviceName, undefined);
  });

  test('the version: code, then the attribute', () => {
    const env = { OTEL_RESOURCE_ATTRIBUTES: attributes };
    assert.equal(identity(env, { serviceVersion: '2' }).serviceVersion, '2');
    assert.equal(identity(env).serviceVersion, '1');
  });

  test('the release: SENTRY_RELEASE, then RELEASE', () => {
    assert.equal(identity({ SENTRY_RELEASE: 'a', RELEASE: 'b' }).release, 'a');
    assert.equal(identity({ RELEASE: 'b' }).release, 'b');
    assert.equal(identity({}).release, undefined);
  });

  test('attributes from code win over the variable; settled ones are not repeated', () => {
    const env = { OTEL_RESOURCE_ATTRIBUTES: `${attributes},team=a,zone=1` };
    assert.deepEqual(identity(env, { resourceAttributes: { team: 'b' } }).attributes, { team: 'b', zone: '1' });
  });

  test('the account of values shows what code has settled', () => {
    const { settings } = resolveConfig({
      env: { OTEL_SERVICE_NAME: 'variable' },
      options: { serviceName: 'code', resourceAttributes: { team: 'a b' } },
    });
    const shown = settings.filter(({ origin }) => origin === 'code');
    assert.deepEqual(shown, [
      { name: 'OTEL_SERVICE_NAME', value: 'code', origin: 'code' },
      { name: 'OTEL_RESOURCE_ATTRIBUTES', value: 'team=a%20b', origin: 'code' },
    ]);
  });
});

suite('OTEL_RESOURCE_ATTRIBUTES', () => {
  const cases: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['a=1,b=2', { a: '1', b: '2' }],
    [' a = 1 ,, b=x%2Cy%3Dz', { a: '1', b: 'x,y=z' }],
    ['k%20ey=v%20al', { 'k ey': 'v al' }],
    ['a=b=c', { a: 'b=c' }],
    ['a=', { a: '' }],
  ];
  for (const [text, attributes] of cases) {
    test(`${text} is read whole`, () => assert.deepEqual(parseAttributes(text), { attributes, rejected: [] }));
  }

  test('one bad pair does not void the others and is named without its value', () => {
    const { config, issues } = resolveConfig({ env: { OTEL_RESOURCE_ATTRIBUTES: 'a=1,hush,=hush,b=hush%,c=3' } });
    assert.deepEqual(config.resource.attributes, { a: '1', c: '3' });
    assert.deepEqual(
      issues.map(({ code, severity }) => [code, severity]),
      [['DUOTEL_CONFIG_INVALID', 'notice']],
    );
    assert.match(issues[0]?.message ?? '', /pair 2; no key=value in pair 3; a % that starts no escape in b;/);
    assert.ok(!issues[0]?.message.includes('hush'));
  });
});
