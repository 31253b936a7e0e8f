#!/usr/bin/python3
"""Verifies every DKIM-Signature of a message with dkimpy against a list of DNS records.

usage: dkim_verify.py MESSAGE RECORDS
  MESSAGE  a file, or - for standard input
  RECORDS  a file or an http URL: a JSON array of {"name", "type", "value"}

Prints a line per signature, "DKIM rsa-sha256: pass" or "DKIM rsa-sha256: fail: reason". Exit 0 only if every
signature passes and both rsa-sha256 and ed25519-sha256 are among them; 1 if not; 2 if it could not be tried.
"""

import json
import sys
import urllib.request

import dkim

WANTED = {"rsa-sha256", "ed25519-sha256"}


def read_message(path):
    if path == "-":
        return sys.stdin.buffer.read()
    with open(path, "rb") as file:
        return file.read()


def read_records(place):
    if place.startswith(("http://", "https://")):
        # Never through a proxy: the records are the service's own, usually on loopback.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(place, timeout=10) as answer:
            records = json.load(answer)
    else:
        with open(place, encoding="utf-8") as file:
            records = json.load(file)
    return {r["name"].rstrip(".").lower(): r["value"] for r in records if r["type"].upper() == "TXT"}


def algorithm_of(field):
    try:
        tags = dkim.util.parse_tag_value(field)
        return tags[b"a"].decode("ascii", "replace")
    except (dkim.util.InvalidTagValueList, KeyError):
        return "unknown"


def verify(message, records):
    """One (algorithm, reason) per signature, from the top; the reason is "" for a pass."""

    def dnsfunc(name, timeout=5):
        value = records.get(name.decode("ascii").rstrip(".").lower())
        return value.encode("utf-8") if value is not None else None

    fields, _ = dkim.rfc822_parse(message)
    signatures = [value for name, value in fields if name.lower() == b"dkim-signature"]
    results = []
    for index, field in enumerate(signatures):
        try:
            good = dkim.DKIM(message, minkey=1024).verify(idx=index, dnsfunc=dnsfunc)
            reason = "" if good else "the signature does not match"
        except dkim.DKIMException as error:
            reason = str(error) or type(error).__name__
        results.append((algorithm_of(field), reason))
    return results


def main(arguments):
    if len(arguments) != 2:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    try:
        results = verify(read_message(arguments[0]), read_records(arguments[1]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, dkim.DKIMException) as error:
        print(f"dkim_verify: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    for algorithm, reason in results:
        print(f"DKIM {algorithm}: " + (f"fail: {reason}" if reason else "pass"))
    passed = {algorithm for algorithm, reason in results if not reason}
    return 0 if all(not reason for _, reason in results) and WANTED <= passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
