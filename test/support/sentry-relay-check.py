"""Normalises Sentry events as Sentry's own relay does, and prints what it found wrong with each."""
import json
import sys

from sentry_relay.processing import StoreNormalizer

NORMALIZER = StoreNormalizer(project_id=42, client="duotel", protocol_version="7", remove_other=True)


def check(event):
    try:
        normalized = NORMALIZER.normalize_event(event)
    except Exception as problem:  # Refused as a whole.
        return {"errors": [f"{type(problem).__name__}: {problem}"], "meta": None}
    return {"errors": normalized.get("errors") or [], "meta": normalized.get("_meta")}


print(json.dumps([check(event) for event in json.load(sys.stdin)]))
