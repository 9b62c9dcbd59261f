/** Kafka as the jars of its broker. Needs Maven to bring it and Java to run it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, type Recipe } from './recipe.ts';

const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

const dependency = (group: string, name: string, version: string): string =>
  `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`;

export function bringKafka(version: string): Recipe {
  return async (dir) => {
    await run('java', ['-version']);
    const work = await mkdtemp(join(tmpdir(), 'duotel-kafka-'));
    try {
      // Without a logger of its own it says nothing, not even that it is ready.
      const dependencies = [
        dependency('org.apache.kafka', 'kafka_2.13', version),
        dependency('org.slf4j', 'slf4j-simple', '1.7.36'),
      ];
      const project = `<project><modelVersion>4.0.0</modelVersion><groupId>test</groupId><artifactId>kafka</artifactId>
<version>1</version><dependencies>${dependencies.join('')}</dependencies></project>\n`;
      await writeFile(join(work, 'pom.xml'), project);
      await run('mvn', ['-q', '-B', COPY, '-DincludeScope=runtime', `-DoutputDirectory=${dir}`], work);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  };
}
