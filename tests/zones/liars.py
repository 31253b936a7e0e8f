"""Name servers that are no use: what each makes of a question, over UDP and over TCP."""

import struct

FLAGS, TRUNCATED = 0x8180, 0x8380
TXT = b"\x00\x10\x00\x01\x00\x00\x0e\x10"  # TXT IN 3600


def Header(question, flags=FLAGS, answers=0, identity=None):
    return struct.pack(">HHHHHH", identity or int.from_bytes(question[:2], "big"), flags, 1, answers, 0, 0)


def Asked(question):
    """The question section: name, type and class."""
    end = question.index(b"\x00", 12) + 5
    return question[12:end]


def PassAll():
    text = b"v=spf1 +all"
    return TXT + struct.pack(">HB", len(text) + 1, len(text)) + text


LIARS = {
    "is silent": lambda question, tcp: b"",
    "sends garbage": lambda question, tcp: b"\xa5" * 300,
    "stops in the header": lambda question, tcp: question[:7],
    "answers another query": lambda question, tcp: (
        Header(question, answers=1, identity=int.from_bytes(question[:2], "big") ^ 1)
        + Asked(question) + b"\xc0\x0c" + PassAll()),
    "answers another question": lambda question, tcp: (
        Header(question, answers=1) + b"\x05other\x04name\x00" + Asked(question)[-4:] + b"\xc0\x0c" + PassAll()),
    "points in a circle": lambda question, tcp: (
        Header(question, answers=1) + Asked(question)
        + struct.pack(">H", 0xC000 | (12 + len(Asked(question)))) + PassAll()),
    "promises 65535 records": lambda question, tcp: (
        Header(question, answers=65535) + Asked(question) + b"\xc0\x0c" + PassAll()),
    "cuts, and sends 64 KiB": lambda question, tcp: (
        Header(question, answers=1) + Asked(question) + b"\xff" * (65535 - 12 - len(Asked(question))) if tcp
        else Header(question, TRUNCATED) + Asked(question)),
    "fails": lambda question, tcp: Header(question, FLAGS | 2) + Asked(question),
    "refuses": lambda question, tcp: Header(question, FLAGS | 5) + Asked(question),
}
