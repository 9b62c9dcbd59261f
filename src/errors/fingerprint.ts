/**
 * Which errors are one problem: the same class of error from the same place in the code.
 *
 * Layer: errors.
 */
import { join, sep } from 'node:path';
import type { ErrorDetails } from './captured-error.ts';
import type { Classification } from './error-class.ts';

/** Texts that stand for the problem: never ids, amounts or names of users. */
export function fingerprintOf(details: ErrorDetails, { errorClass, provider }: Classification): readonly string[] {
  const innermost = innermostCause(details);
  return [errorClass, provider, details.type, details.code ?? innermost.code ?? '', placeInCode(details)];
}

function innermostCause(details: ErrorDetails): ErrorDetails {
  const [cause] = details.causes;
  return cause === undefined ? details : innermostCause(cause);
}

/** Function and file of the first line of the stack that is the application's; else of the first one; else the message. */
function placeInCode(details: ErrorDetails): string {
  const lines = frames(details.stack);
  const own = lines.find((line) => !line.includes('node_modules') && !line.includes('node:'));
  const line = own ?? lines[0];
  return line === undefined ? withoutIds(details.message) : functionAndFile(line);
}

/** Without line numbers, which the next release moves, and without the folder it is installed in. */
function functionAndFile(line: string): string {
  return line
    .trim()
    .replace(/:\d+:\d+\)?$/, '')
    .replace('file://', '')
    .replace('(', '')
    .replace(ROOT, '');
}

/** The folder the application runs in, with its separator; empty where it is gone. */
const ROOT = runningFolder();

function runningFolder(): string {
  try {
    return join(process.cwd(), sep);
  } catch {
    return '';
  }
}

const MAX_FRAMES = 50;

function frames(stack: string | undefined): readonly string[] {
  if (stack === undefined) return [];
  return stack
    .split('\n', MAX_FRAMES)
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.slice(0, 300));
}

/** `user 17 not found` and `user 18 not found` are one problem. */
function withoutIds(message: string): string {
  return message
    .slice(0, 200)
    .replace(/\b[\da-f]{8}-[\da-f-]{27}\b/gi, '*')
    .replace(/\b[\da-f]*\d[\da-f]*\b/gi, '*');
}
