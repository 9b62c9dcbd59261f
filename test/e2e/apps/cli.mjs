// A short program: one span, one counter, one log record, a little work, and a natural end.
import { logs, metrics, trace } from '@opentelemetry/api';

trace.getTracer('cli').startActiveSpan('work', (span) => {
  metrics.getMeter('cli').createCounter('cli.runs').add(1);
  logs.getLogger('cli').emit({ body: 'working' });
  span.end();
});
await new Promise((resolve) => setTimeout(resolve, Number(process.env.WORK_MILLIS ?? 300)));
process.stdout.write('done\n');
