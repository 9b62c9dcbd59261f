/**
 * The version of this package, as written into user agents and scopes.
 *
 * A constant, because reading package.json at start-up costs a file access. Layer: core.
 */

/** Equal to `version` in package.json. */
export const VERSION: string = '0.1.0';
