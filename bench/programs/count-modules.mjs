/** Preload that counts the files loaded after it, for the untimed run; `report.mjs` hands the number over. */
import { registerHooks } from 'node:module';

globalThis.benchFiles = 0;
registerHooks({
  load(url, context, nextLoad) {
    if (url.startsWith('file:') && !url.includes('/bench/programs/')) globalThis.benchFiles++;
    return nextLoad(url, context);
  },
});
