/** Zipkin as one executable jar. Needs Maven to bring it and Java to run it. */
import { join } from 'node:path';
import { rename } from 'node:fs/promises';
import { run, type Recipe } from './recipe.ts';

const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy';

export function bringZipkin(version: string): Recipe {
  return async (dir) => {
    await run('java', ['-version']);
    await run(
      'mvn',
      ['-q', '-B', COPY, `-Dartifact=io.zipkin:zipkin-server:${version}:jar:exec`, `-DoutputDirectory=${dir}`],
      dir,
    );
    await rename(join(dir, `zipkin-server-${version}-exec.jar`), join(dir, 'zipkin.jar'));
  };
}
