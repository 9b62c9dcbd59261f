"""A Python service: continues an incoming trace, calls UPSTREAM if it is set, exports with the official OTLP exporter.

Usage: peer.py PORT. Answers with the trace id it sees. OTEL_* variables configure it as their specification says.
"""
import os
import signal
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry import propagate, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
trace.set_tracer_provider(provider)
tracer = trace.get_tracer("peer")


def call(url):
    with tracer.start_as_current_span("GET", kind=trace.SpanKind.CLIENT):
        headers = {}
        propagate.inject(headers)
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:
            answer.read()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/ready":
            self.send_response(200)
            self.end_headers()
            return
        context = propagate.extract({name.lower(): value for name, value in self.headers.items()})
        with tracer.start_as_current_span("GET /peer", context=context, kind=trace.SpanKind.SERVER) as span:
            if "UPSTREAM" in os.environ:
                call(os.environ["UPSTREAM"])
            body = format(span.get_span_context().trace_id, "032x").encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def stop(*_):
    raise SystemExit


signal.signal(signal.SIGTERM, stop)
server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
try:
    server.serve_forever()
finally:
    provider.shutdown()
