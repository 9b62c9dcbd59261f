/**
 * The release the platform or the build says it is running.
 *
 * Layer: config.
 */

// Platforms first: a commit named by where the process runs is surer than one left over from a build.
const COMMIT_VARIABLES = [
  'RAILWAY_GIT_COMMIT_SHA',
  'VERCEL_GIT_COMMIT_SHA',
  'HEROKU_BUILD_COMMIT',
  'HEROKU_SLUG_COMMIT',
  'RENDER_GIT_COMMIT',
  'GITHUB_SHA',
  'CI_COMMIT_SHA',
  'CIRCLE_SHA1',
  'SOURCE_VERSION',
  'GIT_COMMIT_SHA',
  'GIT_COMMIT',
  'COMMIT_SHA',
] as const;

const COMMIT = /^[0-9a-f]{7,64}$/i;

/** The git commit this process was built from; `undefined` when no known variable holds one. */
export function findCommit(env: Readonly<Record<string, string | undefined>>): string | undefined {
  return COMMIT_VARIABLES.map((name) => env[name]?.trim()).find((value) => value !== undefined && COMMIT.test(value));
}
