#!/usr/bin/python3
"""Tampers with a signed message in every way that a signature must notice, and has dkimpy verify each result.

usage: dkim_tamper.py MESSAGE RECORDS     (as dkim_verify.py)

One byte is changed in every field and body line, and fields that must not be added are added above and below.
Prints what still passes and a count; exit 0 only if the message itself passes and nothing else does.
"""

import sys

sys.dont_write_bytecode = True

from dkim_verify import WANTED, read_message, read_records, verify

ADDED = [b"From: evil@example.com", b"Subject: evil", b"To: evil@example.com"]
UNSIGNED = (b"dkim-signature", b"x-")


def changed_fields(head, body):
    lines = head.split(b"\r\n")
    signed = False
    for number, line in enumerate(lines):
        if not line.startswith((b" ", b"\t")):
            signed = not line.lower().startswith(UNSIGNED)
        if signed:
            at = len(line.rstrip()) - 1
            altered = line[:at] + bytes([line[at] ^ 1]) + line[at + 1 :]
            yield f"changed: {line[:20]!r}", b"\r\n".join(lines[:number] + [altered] + lines[number + 1 :]) + b"\r\n\r\n" + body


def changed_bodies(head, body):
    for at, byte in enumerate(body):
        if not bytes([byte]).isspace():
            yield f"body byte {at}", head + b"\r\n\r\n" + body[:at] + bytes([byte ^ 1]) + body[at + 1 :]
    yield "a longer body", head + b"\r\n\r\n" + body + b"more\r\n"


def added_fields(head, body):
    for field in ADDED:
        yield f"added above: {field!r}", field + b"\r\n" + head + b"\r\n\r\n" + body
        yield f"added below: {field!r}", head + b"\r\n" + field + b"\r\n\r\n" + body


def main(arguments):
    if len(arguments) != 2:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    message, records = read_message(arguments[0]), read_records(arguments[1])
    head, body = message.split(b"\r\n\r\n", 1)
    good = {algorithm for algorithm, reason in verify(message, records) if not reason}
    if good != WANTED:
        print(f"the message itself passes only {sorted(good)}")
        return 1
    tried = missed = 0
    for make in (changed_fields, changed_bodies, added_fields):
        for what, altered in make(head, body):
            tried += 1
            passed = [algorithm for algorithm, reason in verify(altered, records) if not reason]
            if passed:
                missed += 1
                print(f"still passes {passed}: {what}")
    print(f"{tried} changes, {missed} unnoticed")
    return 0 if tried > 0 and missed == 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
