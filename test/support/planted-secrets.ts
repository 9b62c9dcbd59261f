/**
 * Secrets to plant in telemetry, and the texts that must not be found afterwards.
 */

/** One secret in a form in which programs give it away. */
export interface Planted {
  /** Key it is put under; anything harmless where the text speaks for itself. */
  readonly key: string;
  readonly value: unknown;
  /** What must not leave. */
  readonly secret: string;
}

/** Numbers from 0 to 1, the same for the same seed. */
export type Random = () => number;

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ALPHABET = `${LETTERS}0123456789`;

function word(random: Random, length: number, alphabet = ALPHABET): string {
  let text = '';
  while (text.length < length) text += alphabet[Math.floor(random() * alphabet.length)];
  return text;
}

/** Digits with the last one by Luhn. */
export function cardNumber(random: Random, prefix: string, length: number): string {
  const body = prefix + word(random, length - 1 - prefix.length, '0123456789');
  const sum = body
    .split('')
    .toReversed()
    .reduce((total, digit, index) => {
      const weighed = index % 2 === 0 ? 2 * Number(digit) : Number(digit);
      return total + (weighed > 9 ? weighed - 9 : weighed);
    }, 0);
  return body + String((10 - (sum % 10)) % 10);
}

const base64 = (text: string): string => Buffer.from(text).toString('base64url');

/** Secrets that can be told by their shape wherever they stand. */
export const SHAPES: readonly ((random: Random) => string)[] = [
  (random) => `sk-proj-${word(random, 40)}`,
  (random) => `sk-ant-api03-${word(random, 48)}`,
  (random) => `ghp_${word(random, 36)}`,
  (random) => `github_pat_${word(random, 22)}_${word(random, 30)}`,
  (random) => `glpat-${word(random, 20)}`,
  (random) => `AKIA${word(random, 15, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}7`,
  (random) => `AIza${word(random, 35)}`,
  (random) => `xoxb-${word(random, 12, '0123456789')}-${word(random, 24)}`,
  (random) => `glc_${word(random, 60)}`,
  (random) => `sntrys_${word(random, 60)}`,
  (random) => `sk_live_${word(random, 24)}`,
  (random) => `npm_${word(random, 36)}`,
  (random) => `hf_${word(random, 34)}`,
  (random) => `SG.${word(random, 22)}.${word(random, 43)}`,
  (random) => `${base64('{"alg":"HS256","typ":"JWT"}')}.${base64(`{"sub":"${word(random, 12)}"}`)}.${word(random, 43)}`,
  (random) => cardNumber(random, '4', 16),
  (random) => cardNumber(random, '5412', 16),
  (random) => cardNumber(random, '37', 15),
  (random) =>
    `-----BEGIN RSA PRIVATE KEY-----\n${word(random, 64)}\n${word(random, 64)}\n-----END RSA PRIVATE KEY-----`,
  (random) => `-----BEGIN PRIVATE KEY-----\n${word(random, 64)}\n-----END PRIVATE KEY-----`,
];

/** Sentences and documents a shape may stand in. */
const FRAMES: readonly ((secret: string) => string)[] = [
  (secret) => secret,
  (secret) => `request with ${secret} was refused`,
  (secret) => `{"payload":"${secret}","n":1}`,
  (secret) => `value='${secret}'; next`,
  (secret) => `https://api.example.com/v1/${secret}/items?page=2`,
  (secret) => `first line\nsecond ${secret}\nthird`,
];

/** Names under which any value is a secret. */
const NAMES: readonly string[] = [
  'password',
  'user.password',
  'userPassword',
  'DB_PASSWORD',
  'apiKey',
  'x-api-key',
  'client_secret',
  'access_token',
  'refreshToken',
  'auth.token',
  'secret',
  'aws_secret_access_key',
  'session_token',
  'passphrase',
  'privateKey',
];

/** Forms in which a name comes with its value: key and value of an attribute. */
const NAMED: readonly ((name: string, secret: string) => readonly [key: string, value: unknown])[] = [
  (name, secret) => [name, secret],
  (name, secret) => ['note', `${name}=${secret}`],
  (name, secret) => ['note', `connect failed: host=db ${name}=${secret} port=5432`],
  (name, secret) => ['body', JSON.stringify({ user: 'ada', [name]: secret, n: 1 })],
  (name, secret) => ['body', JSON.stringify({ raw: JSON.stringify({ [name]: secret }) })],
  (name, secret) => ['dump', `{ user: 'ada', '${name}': '${secret}' }`],
  (name, secret) => ['yaml', `user: ada\n${name}: ${secret}\n`],
  (name, secret) => ['url', `https://api.example.com/login?user=ada&${name}=${secret}&x=1`],
  (name, secret) => ['form', `user=ada&${name}=${secret}`],
  (name, secret) => ['encoded', encodeURIComponent(`{"${name}":"${secret}"}`)],
  (name, secret) => ['command', `tool --verbose --${name} ${secret} --port 80`],
  (name, secret) => ['command', `tool --${name}=${secret}`],
  (name, secret) => ['argv', ['tool', `--${name}`, secret, '--port', '80']],
  (name, secret) => ['nested', { deep: [{ [name]: secret }] }],
  (name, secret) => ['nested', { [name]: { current: [secret] } }],
  (name, secret) => ['pairs', { fields: [{ name, value: secret }] }],
];

/** Others that programs give away often; forms of their own. */
const SPECIAL: readonly ((secret: string) => readonly [key: string, value: unknown])[] = [
  (secret) => ['http.request.header.authorization', [`Bearer ${secret}`]],
  (secret) => ['http.request.header.cookie', [`theme=dark; sid=${secret}`]],
  (secret) => ['http.response.header.set-cookie', [`sid=${secret}; HttpOnly`]],
  (secret) => ['headers', `accept: */*\r\nAuthorization: Basic ${Buffer.from(`u:${secret}`).toString('base64')}\r\n`],
  (secret) => ['headers', `Cookie: theme=dark; sid=${secret}`],
  (secret) => ['curl', `curl -H 'Authorization: Bearer ${secret}' https://example.com`],
  (secret) => ['dsn', `postgres://app:${secret}@db.internal:5432/shop`],
  (secret) => ['dsn', `redis://:${secret}@cache:6379/0`],
  (secret) => ['ado', `Server=db;User Id=app;Password=${secret};Encrypt=true`],
  (secret) => ['db.query.text', `SELECT * FROM users WHERE email = '${secret}' AND id = $1`],
  (secret) => ['db.statement', `INSERT INTO notes (id, body) VALUES ($1, '${secret}''s')`],
  (secret) => ['url.query', `token=${secret}&page=1`],
  (secret) => ['url.full', `https://example.com/cb?code=${secret}&state=1`],
  (secret) => ['url.full', `https://bucket.example.com/o?X-Amz-Signature=${secret}`],
  (secret) => ['raw_headers', ['Host', 'example.com', 'X-Api-Key', secret, 'Accept', '*/*']],
];

/** One of each: every shape, and names and special forms in turn. */
export function plantAll(seed: number): Planted[] {
  const random = createRandom(seed);
  const shapes = SHAPES.map((shape) => {
    const secret = shape(random);
    return { key: 'note', value: secret, secret: visiblePart(secret) };
  });
  const named = NAMED.map((form, index) => plantNamed(random, NAMES[index % NAMES.length] as string, form));
  return [...shapes, ...named, ...SPECIAL.map((form) => plantSpecial(random, form))];
}

/** `count` of them by chance. */
export function plantSome(seed: number, count: number): Planted[] {
  const random = createRandom(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  return Array.from({ length: count }, () => {
    const kind = random();
    if (kind < 0.4) {
      const secret = pick(SHAPES)(random);
      return { key: 'note', value: pick(FRAMES)(secret), secret: visiblePart(secret) };
    }
    return kind < 0.75 ? plantNamed(random, pick(NAMES), pick(NAMED)) : plantSpecial(random, pick(SPECIAL));
  });
}

function plantNamed(random: Random, name: string, form: (typeof NAMED)[number]): Planted {
  const secret = `hush${word(random, 14)}`;
  const [key, value] = form(name, secret);
  return { key, value, secret };
}

function plantSpecial(random: Random, form: (typeof SPECIAL)[number]): Planted {
  const secret = `hush${word(random, 14)}`;
  const [key, value] = form(secret);
  return { key, value, secret };
}

/** Part of a secret that is looked for: what comes after its beginning, on one line. */
function visiblePart(secret: string): string {
  const body = secret.split('\n')[1] ?? secret;
  return body.slice(-12);
}

/** Ordinary values that must leave as they are: key and value. */
export const HARMLESS: readonly (readonly [key: string, value: unknown])[] = [
  ['id', '550e8400-e29b-41d4-a716-446655440000'],
  ['id', '01J9ZQ4X8V6T3N2M1K0H5G7F9D'],
  ['trace', '4bf92f3577b34da6a3ce929d0e0e4736'],
  ['traceparent', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'],
  ['commit', '9fceb02d0ae598e95dc970b74767f19372d61af8'],
  ['digest', 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['at', '2026-11-21T08:30:29.123Z'],
  ['at', '1763713829123'],
  ['at', 1_763_713_829_123],
  ['uptime_nanos', 4_564_939_352_723_729],
  ['at_nanos', '1763713829123456789'],
  ['price', '1234.56 EUR'],
  ['price', 19.99],
  ['order', 'ORD-2026-000123456789'],
  ['order', '4711471147114711'],
  ['phone_like', '2026-11-21 10 20 30'],
  ['snowflake', '1789012345678901234'],
  ['path', '/usr/local/lib/node_modules/app/dist/token.js:12:5'],
  ['path', 'C:\\Program Files\\app\\secrets\\readme.md'],
  ['path', '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt'],
  ['stack', 'Error: broken\n    at parseToken (/app/src/token.ts:12:5)\n    at node:internal/process/task_queues:95:5'],
  ['db.query.text', 'SELECT id, name FROM users WHERE id = $1 AND "group" = $2'],
  ['db.query.text', 'UPDATE t1 SET a = ?, b = :name WHERE c IS NULL'],
  ['prompt', 'Write a poem about a password that nobody knows, and a secret key to the garden.'],
  ['prompt', 'You are a helpful assistant. Token limits: keep it short. Answer in JSON: {"answer": "..."}'],
  ['message', 'Invalid token: expected identifier'],
  ['message', 'Unexpected token } in JSON at position 12'],
  ['message', 'password must be at least 8 characters'],
  ['message', 'Bearer of bad news; basic auth is deprecated'],
  ['message', 'authorization: denied for this user'],
  ['message', 'tokens: 512, max_tokens=1024, token_count=77'],
  ['gen_ai.usage.input_tokens', 512],
  ['gen_ai.token.type', 'input'],
  ['token_count', 77],
  ['session.id', 'b2f0a7c2'],
  ['aspnetcore.identity.token_verified', 'success'],
  ['authorization.decision', 'allow'],
  ['token_bucket.size', 'large'],
  ['eos_token', '</s>'],
  ['s3.storage.key', 'reports/2026/11.csv'],
  ['session.previous_id', 'a1'],
  ['password_reset_count', 3],
  ['password.changed_at', '2026-01-01'],
  ['token.type', 'Bearer'],
  ['aws.secretsmanager.secret.arn', 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:db'],
  ['k8s.secret.name', 'db-credentials'],
  ['cache.key', 'user:42:profile'],
  ['messaging.kafka.message.key', 'order-42'],
  ['primary_key', 'id'],
  ['author', 'Ada'],
  ['passenger', 'Grace'],
  ['monkey', 'banana'],
  ['url.full', 'https://shop.example.com:8443/a/b@2x.png?page=2&sort=name#top'],
  ['url.query', 'page=2&sort=name&keyword=red'],
  ['git', 'ssh://git@github.com/acme/app.git'],
  ['package', '@opentelemetry/api@1.9.0'],
  ['email', 'ada@example.com'],
  [
    'user_agent',
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
  ],
  ['slug', 'task-force-risk-assessment-for-desk-workers-in-2026'],
  ['list', ['password', 'email', 'name']],
  ['flags', ['--port', '80', '--verbose']],
  ['ok', true],
  ['hasToken', true],
];
