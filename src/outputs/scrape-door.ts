/**
 * Everything between a request and its answer, put together once.
 *
 * Layer: outputs. Loaded at the first scrape.
 */
import type { PageConfig } from '../config/config.ts';
import { type Collect, createPageMaker } from './page.ts';
import type { Access } from './scrape-access.ts';
import { type AnswerScrape, createAnswerScrape, plainAnswer } from './scrape-answer.ts';
import { type AnyHandler, createAnyHandler } from './scrape-handler.ts';
import { createNodeHandler, type NodeHandler } from './scrape-node.ts';

/** Handlers over the same pages, credentials and bounds. */
export interface Door {
  /** For servers of Node: our own and, by its path, the application's. */
  readonly onNode: NodeHandler;
  /** For routes of the application. */
  readonly onAny: AnyHandler;
}

export function createDoor(collect: Collect, access: Access | undefined, page?: PageConfig): Door {
  return toDoor(createAnswerScrape(createPageMaker(collect, page), access));
}

/** The door of a program without telemetry: whoever scrapes it is told so. */
export function createIdleDoor(): Door {
  return toDoor(() => Promise.resolve(plainAnswer(503, 'telemetry is off')));
}

function toDoor(answer: AnswerScrape): Door {
  const onNode = createNodeHandler(answer);
  return { onNode, onAny: createAnyHandler(answer, onNode) };
}
