/**
 * One server per framework for the framework matrix, and what its spans have to be.
 *
 * Each listens on a free port, prints it, and answers `GET /items/42` with the answer of `UPSTREAM`, which it asks by
 * fetch or by node:http.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** How the server asks `UPSTREAM`. */
export type Client = 'fetch' | 'http';

/** One framework in one major version. */
export interface Framework {
  readonly source: string;
  /** Written with decorators, which a compiler has to make into JavaScript. */
  readonly decorated?: true;
  /** Needs the packages of {@link OLDER_FRAMEWORK_PACKAGES}. */
  readonly older?: true;
  /** Spans, children indented below their parent: kind and name, route, status of the response, status of the span. */
  readonly spans: readonly string[];
  /** What the hint at a bundle names; nothing is missing in the bundle when left out. */
  readonly bundled?: string;
}

/** Installed for all of them. */
export const FRAMEWORK_PACKAGES: readonly string[] = [
  '@opentelemetry/api@1.10.0',
  'express@5',
  'fastify@5',
  'koa@3',
  '@koa/router@15',
  '@nestjs/core@11',
  '@nestjs/common@11',
  '@nestjs/platform-express@11',
  'reflect-metadata@0.2',
  'rxjs@7',
  'hono@4',
  '@hono/node-server@2',
  'tsx@4',
  'typescript@5',
  'esbuild@0.28.2',
];

/** The majors before, in a folder of their own. */
export const OLDER_FRAMEWORK_PACKAGES: readonly string[] = [
  '@opentelemetry/api@1.10.0',
  'express@4',
  'fastify@4',
  'tsx@4',
  'esbuild@0.28.2',
];

const CLIENTS: Readonly<Record<Client, string>> = {
  fetch: `
const ask = async () => (await fetch(process.env.UPSTREAM)).text();`,
  http: `
import { get } from 'node:http';
const ask = () => new Promise((resolve, reject) => {
  get(process.env.UPSTREAM, async (response) => {
    let text = '';
    for await (const chunk of response) text += chunk;
    resolve(text);
  }).on('error', reject);
});`,
};

const CLIENT_SPAN = 'client GET | - | 200 | unset';

/** What HTTP alone gives: without a framework, in a bundle, and for frameworks that nobody instruments. */
export const HTTP_SPANS: readonly string[] = ['server GET | - | 200 | unset', `  ${CLIENT_SPAN}`];

const EXPRESS = `
import express from 'express';
const app = express();
app.get('/items/:id', (request, response, next) => {
  ask().then((text) => response.send(text), next);
});
const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));`;

const FASTIFY = `
import fastify from 'fastify';
const app = fastify();
app.get('/items/:id', async function item() {
  return ask();
});
app.listen({ port: 0, host: '127.0.0.1' }).then(() => console.log(app.server.address().port));`;

const FASTIFY_SPANS = ['server GET /items/:id | /items/:id | 200 | unset', `  ${CLIENT_SPAN}`];

/** The frameworks of the matrix. */
export const FRAMEWORKS: Readonly<Record<string, Framework>> = {
  http: {
    source: `
import { createServer } from 'node:http';
const server = createServer((request, response) => {
  ask().then((text) => response.end(text));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));`,
    spans: HTTP_SPANS,
  },
  'express 4': {
    source: EXPRESS,
    older: true,
    spans: [
      'server GET /items/:id | /items/:id | 200 | unset',
      '  internal middleware - expressInit | - | - | unset',
      '  internal middleware - query | - | - | unset',
      '  internal request handler - /items/:id | /items/:id | - | unset',
      `    ${CLIENT_SPAN}`,
    ],
    bundled: 'express',
  },
  'express 5': {
    source: EXPRESS,
    spans: [
      'server GET /items/:id | /items/:id | 200 | unset',
      '  internal request handler | /items/:id | - | unset',
      `    ${CLIENT_SPAN}`,
    ],
    bundled: 'express',
  },
  'fastify 4': {
    source: FASTIFY,
    older: true,
    spans: FASTIFY_SPANS,
    bundled: 'fastify, pino',
  },
  'fastify 5': { source: FASTIFY, spans: FASTIFY_SPANS, bundled: 'fastify, pino' },
  koa: {
    source: `
import Router from '@koa/router';
import Koa from 'koa';
const router = new Router();
router.get('/items/:id', async function item(context) {
  context.body = await ask();
});
const app = new Koa();
app.use(router.routes());
const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));`,
    spans: [
      'server GET /items/:id | /items/:id | 200 | unset',
      '  internal router - /items/:id | /items/:id | - | unset',
      `    ${CLIENT_SPAN}`,
    ],
    bundled: 'koa',
  },
  nest: {
    // No constructor types: tsx, as esbuild, has no metadata of them.
    source: `
import 'reflect-metadata';
import { Controller, Get, Inject, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
@Injectable()
class Upstream {
  ask() {
    return ask();
  }
}
@Controller('items')
class Items {
  @Inject(Upstream) upstream;
  @Get(':id')
  find() {
    return this.upstream.ask();
  }
}
@Module({ controllers: [Items], providers: [Upstream] })
class App {}
NestFactory.create(App, { logger: false })
  .then((app) => app.listen(0, '127.0.0.1'))
  .then((server) => console.log(server.address().port));`,
    decorated: true,
    spans: [
      'internal Create Nest App | - | - | unset',
      'server GET /items/:id | /items/:id | 200 | unset',
      '  internal middleware - <anonymous> | - | - | unset',
      '  internal middleware - jsonParser | - | - | unset',
      '  internal middleware - urlencodedParser | - | - | unset',
      '  internal request handler | /items/:id | - | unset',
      '    internal Items.find | /items/:id | - | unset',
      '      internal find | - | - | unset',
      `        ${CLIENT_SPAN}`,
    ],
    bundled: 'express, @nestjs/core',
  },
  hono: {
    source: `
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
const app = new Hono();
app.get('/items/:id', async (context) => context.text(await ask()));
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => console.log(port));`,
    // No official instrumentation and no channel tells the route of Hono.
    spans: HTTP_SPANS,
  },
};

/**
 * Source of a framework's server: an ES module.
 *
 * @param folder - where its packages are; its TypeScript compiles decorators
 * @param decorators - leave decorators in, for a loader that compiles them
 */
export function frameworkSource(folder: string, framework: Framework, client: Client, decorators: boolean): string {
  const source = `${CLIENTS[client]}${framework.source}\n`;
  return framework.decorated === true && !decorators ? compile(folder, source) : source;
}

/** TypeScript 5, as far as it is used; what the project has is newer and cannot be called. */
interface TypeScript {
  transpileModule(source: string, options: { compilerOptions: object }): { outputText: string };
}

function compile(folder: string, source: string): string {
  const { transpileModule } = createRequire(join(folder, 'package.json'))('typescript') as TypeScript;
  const compilerOptions = { module: 'esnext', target: 'es2022', ...DECORATORS };
  return transpileModule(source, { compilerOptions }).outputText;
}

/** What Nest asks of a compiler. */
export const DECORATORS = {
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  useDefineForClassFields: false,
} as const;
