"""Counts events by principal, source, name, error and first resource: Python's gzip, then orjson."""

import gzip
import sys
from collections import Counter
from pathlib import Path

import orjson


def principal(identity):
    issuer = (identity.get("sessionContext") or {}).get("sessionIssuer") or {}
    return issuer.get("arn") or identity.get("arn") or identity.get("invokedBy") or identity.get("type")


groups = Counter()
for path in Path(sys.argv[1]).rglob("*.gz"):
    # Faster than gzip.open(path).read().
    for event in orjson.loads(gzip.decompress(path.read_bytes()))["Records"]:
        key = (
            principal(event.get("userIdentity") or {}),
            event.get("eventSource"),
            event.get("eventName"),
            event.get("errorCode"),
            next((resource["ARN"] for resource in event.get("resources") or () if resource.get("ARN")), None),
        )
        groups[key] += 1
print(f"{len(groups)} groups, {sum(groups.values())} events")
