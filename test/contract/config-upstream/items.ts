/**
 * What each run of the official NodeSDK makes; apart from the program, which must not be loaded by the test itself.
 */

/** Spans of each run. */
export const ITEMS = 7;
