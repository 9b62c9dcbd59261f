/** A command line program that gives `start()` as many instrumentations as its argument says, none of which is used. */
import { start } from 'duotel';

const nothing = () => undefined;
const instrumentations = Array.from({ length: Number(process.argv[2]) }, (_, index) => ({
  instrumentationName: `bench-instrumentation-${index}`,
  instrumentationVersion: '1.0.0',
  enable: nothing,
  disable: nothing,
  setTracerProvider: nothing,
  setMeterProvider: nothing,
  setConfig: nothing,
  getConfig: () => ({ enabled: true }),
  getModuleDefinitions: () => [{ name: `bench-module-${index}`, supportedVersions: ['*'], files: [] }],
}));

start({ instrumentations });
const firstLine = {
  millis: performance.now(),
  cpu: process.cpuUsage(),
  rss: process.memoryUsage.rss(),
  builtins: process.moduleLoadList.length,
};
// Loaded after the first line, so that it costs the measurement nothing.
const { report } = await import('./report.mjs');
report(firstLine);
