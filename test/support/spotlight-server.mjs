/** Spotlight as a library, which unlike its command line reports nothing to anybody. Arguments: its entry, a port. */
import { pathToFileURL } from 'node:url';

const [, , entry, port] = process.argv;
const { setupSpotlight } = await import(pathToFileURL(entry).href);
await setupSpotlight({ port: Number(port), isStandalone: true });
