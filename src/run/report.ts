/**
 * Tells what was found about the configuration, once, before anything runs.
 *
 * Layer: run.
 */
import { notify, setNoticeForm } from '../core/notices.ts';
import type { Config, Issue } from '../config/config.ts';
import { showsInfo } from './diag-logger.ts';

/** Prints the findings a person has to see; notes only when `OTEL_LOG_LEVEL` asks for them. */
export function reportIssues(issues: readonly Issue[], config: Config): void {
  setNoticeForm(config.notices);
  for (const issue of issues) {
    if (issue.severity === 'info' && !showsInfo(config.logLevel)) continue;
    if (issue.code === 'DUOTEL_SERVICE_UNNAMED' && !leavesProcess(config)) continue;
    notify({ code: issue.code, message: issue.message });
  }
}

function leavesProcess({ traces, metrics, logs }: Config): boolean {
  return [traces, metrics, logs].some((signal) => signal.otlp !== undefined || signal.moreOtlp.length > 0);
}
