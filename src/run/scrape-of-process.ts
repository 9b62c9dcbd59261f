/**
 * The part one process or thread has in the Prometheus endpoint of its application.
 *
 * Layer: run. DESIGN D11, D14.
 */
import type { ScrapeConfig } from '../config/config.ts';
import type { ProcessFacts } from '../config/process-facts.ts';
import { notify } from '../core/notices.ts';

/**
 * One listener per application: worker threads and cluster workers push, they do not listen.
 *
 * The path on the application's own port stays: who asked for it gets it. Where several workers share that port, each
 * scrape meets another one, which is told once per application, by the second worker.
 */
export function scrapeOfProcess(config: ScrapeConfig, { threadId, clusterWorkerId }: ProcessFacts): ScrapeConfig {
  if (config.appPath !== undefined && clusterWorkerId === 2) {
    notify({
      code: 'DUOTEL_CONFIG_CONFLICT',
      message:
        `DUOTEL_METRICS_ON_APP in a cluster: each scrape of ${config.appPath} is answered by one of the workers, with ` +
        'its own numbers only. Push over OTLP instead, which tells the workers apart by service.instance.id.',
    });
  }
  return threadId === 0 && clusterWorkerId === 0 ? config : { ...config, open: 'never' };
}
