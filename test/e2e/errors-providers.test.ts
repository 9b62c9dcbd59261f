/**
 * What real clients of AI providers, databases and HTTP throw, classified: their shapes change between versions.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import { installPacked } from '../support/backends-package.ts';
import { cleanEnvironment, suiteOwner } from '../support/backends.ts';

const PACKAGES: readonly string[] = [
  'openai@7',
  '@anthropic-ai/sdk@1',
  '@google/genai@3',
  'zod@4',
  'axios@1',
  'pg@8',
  'ioredis@5',
  'mysql2@3',
  'mongodb@7',
  'kafkajs@2',
];

/** Answers `/STATUS/BODY`, or never. Prints what each call threw, classified. */
const PROGRAM = `
import http from 'node:http';
import { captureError } from 'duotel';
import OpenAI from 'openai';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { z } from 'zod';
import axios from 'axios';
import pg from 'pg';
import Redis from 'ioredis';
import mysql from 'mysql2/promise';
import { MongoClient } from 'mongodb';
import { Kafka } from 'kafkajs';

const BODIES = {
  quota: { error: { message: 'You exceeded your current quota', type: 'insufficient_quota', code: 'insufficient_quota' } },
  rate: { error: { message: 'Rate limit', type: 'requests', code: 'rate_limit_exceeded' } },
  overloaded: { type: 'error', error: { type: 'overloaded_error', message: 'slow' } },
  credit: { type: 'error', error: { type: 'invalid_request_error', message: 'Your credit balance is too low.' } },
  key: { error: { code: 400, message: 'API key not valid.', status: 'INVALID_ARGUMENT' } },
};
const server = http.createServer((request, response) => {
  request.resume();
  const [, status, body] = request.url.split('/');
  if (status === 'never') return;
  response.writeHead(Number(status), { 'content-type': 'application/json', 'x-ratelimit-limit-requests': '60' });
  response.end(JSON.stringify(BODIES[body] ?? { error: { message: 'x' } }));
}).listen(0, '127.0.0.1', async () => {
  const base = 'http://127.0.0.1:' + server.address().port;
  const host = '127.0.0.1';
  const seen = {};
  const call = async (name, work) => {
    try {
      await work();
      seen[name] = 'no error';
    } catch (error) {
      const { errorClass, severity, provider } = captureError(error);
      seen[name] = [errorClass, severity, provider].join(' ');
    }
  };
  const options = { apiKey: 'x', maxRetries: 0, timeout: 300 };
  const ask = { model: 'x', messages: [], max_tokens: 1 };
  const openai = (path, more) => new OpenAI({ ...options, baseURL: base + path }).chat.completions.create(ask, more);
  const anthropic = (path) => new Anthropic({ ...options, baseURL: base + path }).messages.create(ask);
  const google = (path) => new GoogleGenAI({ apiKey: 'x', httpOptions: { baseUrl: base + path } }).models.generateContent({ model: 'x', contents: 'x' });
  for (const path of ['/429/quota', '/429/rate', '/401/x', '/400/x', '/500/x', '/never/x']) await call('openai ' + path, () => openai(path));
  await call('openai abort', () => openai('/never/x', { signal: AbortSignal.abort() }));
  await call('openai refused', () => new OpenAI({ ...options, baseURL: 'http://127.0.0.1:1' }).chat.completions.create(ask));
  for (const path of ['/529/overloaded', '/400/credit', '/401/x', '/never/x']) await call('anthropic ' + path, () => anthropic(path));
  for (const path of ['/400/key', '/429/x', '/503/x']) await call('google ' + path, () => google(path));
  await call('zod', () => z.object({ a: z.string() }).parse({}));
  for (const path of ['/503/x', '/401/x', '/429/x']) await call('axios ' + path, () => axios.get(base + path));
  await call('axios timeout', () => axios.get(base + '/never', { timeout: 50 }));
  await call('axios abort', () => axios.get(base + '/never', { signal: AbortSignal.abort() }));
  await call('fetch timeout', () => fetch(base + '/never', { signal: AbortSignal.timeout(50) }));
  await call('fetch refused', () => fetch('http://127.0.0.1:2'));
  await call('http timeout', () => new Promise((_, fail) => http.get(base + '/never', { signal: AbortSignal.timeout(50) }).on('error', fail)));
  await call('pg refused', () => new pg.Client({ host, port: 1 }).connect());
  await call('mysql refused', () => mysql.createConnection({ host, port: 1 }));
  await call('mongodb refused', () => new MongoClient('mongodb://127.0.0.1:1', { serverSelectionTimeoutMS: 100 }).connect());
  await call('redis refused', () => new Redis(1, host, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null }).on('error', () => undefined).get('x'));
  await call('kafka refused', () => new Kafka({ brokers: ['127.0.0.1:1'], logLevel: 0, retry: { retries: 0 } }).admin().connect());
  console.log(JSON.stringify(seen));
  process.exit();
});`;

const EXPECTED: Readonly<Record<string, string>> = {
  'openai /429/quota': 'billing critical openai',
  'openai /429/rate': 'rate_limit medium openai',
  'openai /401/x': 'authentication critical openai',
  'openai /400/x': 'invalid_request low openai',
  'openai /500/x': 'server_error high openai',
  'openai /never/x': 'timeout medium openai',
  'openai abort': 'cancelled low openai',
  'openai refused': 'network medium openai',
  'anthropic /529/overloaded': 'rate_limit medium anthropic',
  'anthropic /400/credit': 'billing critical anthropic',
  'anthropic /401/x': 'authentication critical anthropic',
  'anthropic /never/x': 'timeout medium anthropic',
  'google /400/key': 'authentication critical google',
  'google /429/x': 'rate_limit medium google',
  'google /503/x': 'server_error high google',
  zod: 'invalid_request low unknown',
  'axios /503/x': 'server_error high unknown',
  'axios /401/x': 'authentication critical unknown',
  'axios /429/x': 'rate_limit medium unknown',
  'axios timeout': 'timeout medium unknown',
  'axios abort': 'cancelled low unknown',
  'fetch timeout': 'timeout medium unknown',
  'fetch refused': 'network medium node',
  'http timeout': 'timeout medium unknown',
  'pg refused': 'network medium node',
  'mysql refused': 'network medium node',
  'mongodb refused': 'network medium mongodb',
  'redis refused': 'network medium redis',
  'kafka refused': 'network medium kafka',
};

suite('errors of clients', () => {
  let folder = '';
  const owner = suiteOwner();
  before(async () => {
    folder = await installPacked(owner, PACKAGES);
  });

  test('each is of the class, severity and provider of the table', () => {
    const file = join(folder, 'clients.mjs');
    writeFileSync(file, PROGRAM);
    const { stdout, stderr } = spawnSync(process.execPath, [file], {
      cwd: folder,
      env: cleanEnvironment({ ENABLE_PROMETHEUS_METRICS: 'false' }),
      encoding: 'utf8',
      timeout: 60_000,
    });
    assert.notEqual(stdout, '', stderr);
    assert.deepEqual(JSON.parse(stdout), EXPECTED);
  });
});
