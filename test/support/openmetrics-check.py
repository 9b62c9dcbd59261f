"""Reads pages as a JSON array from stdin; prints what the strict OpenMetrics parser has against each, "" for nothing.

Also "families": type and unit by name of each page, for tests that look at what was understood.
"""
import json
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families

answers = []
for page in json.load(sys.stdin):
    try:
        families = {
            family.name: {"type": family.type, "unit": family.unit, "samples": len(family.samples)}
            for family in text_string_to_metric_families(page)
        }
        answers.append({"error": "", "families": families})
    except Exception as error:
        answers.append({"error": f"{type(error).__name__}: {error}"[:500], "families": {}})
json.dump(answers, sys.stdout)
