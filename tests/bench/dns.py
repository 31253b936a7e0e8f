"""`sealpost check` against a name server whose answers come late: bench_dns_zone on loopback."""
import json
import os
import re
import statistics
import subprocess
import tempfile
import time

import rig

DOMAINS = 500
LATE_MS = 20
ALONE = 50  # domains looked at one by one
AT_ONCE = 256  # questions of the bare client: more would fall out of its socket's buffer
SELECTORS = ["--selector", "s1", "--selector", "s2"]
FOUR_ADDRESSES = [word for last in range(1, 5) for word in ("--ip", "192.0.2.%d" % last)]


class Zone:
    """with Zone(...) as zone: the server answers; afterwards zone.questions says how often."""

    def __init__(self, build, late_ms):
        self.server = rig.Process([str(build / "bench_dns_zone"), "--domains", str(DOMAINS), "--delay", str(late_ms)],
                                  str(build / "dns_zone.log"))

    def __enter__(self):
        self.port = self.server.line(20).split()[1]
        return self

    def __exit__(self, *error):
        self.questions = int(self.server.stop().split()[1])


def check(build, zone, arguments):
    """Seconds, resource usage and what was printed of one run; every domain has to end with yes."""
    command = [str(build / "sealpost"), "check", "--server", "127.0.0.1:" + zone.port, "--summary", *SELECTORS,
               *arguments]
    begun = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    lines = child.stdout.read().splitlines()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.monotonic() - begun
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0 or not lines or not all(re.match(r"\S+ +yes ", line) for line in lines):
        raise rig.Failure("not every domain got a yes: %s" % "\n".join(lines[:5]))
    return seconds, usage, lines


def many(build):
    """One run over all domains, then a bare client that asks as many questions of the same server."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as names:
        names.write("".join("d%d.example\n" % i for i in range(DOMAINS)))
        names.flush()
        with Zone(build, LATE_MS) as zone:
            seconds, usage, lines = check(build, zone, ["--file", names.name, "--ip", "192.0.2.1"])
    if len(lines) != DOMAINS:
        raise rig.Failure("%d of %d domains were looked at" % (len(lines), DOMAINS))
    with Zone(build, LATE_MS) as bare:
        command = [str(build / "bench_dns_ask"), "--port", bare.port, "--count", str(zone.questions),
                   "--at-once", str(AT_ONCE)]
        out = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=120, check=True).stdout
    pace = json.loads(out)["per_second"]
    return {"domains_per_second": DOMAINS / seconds, "questions": zone.questions, "bare_per_second": pace,
            "ratio": zone.questions / seconds / pace, "peak_rss_mib": usage.ru_maxrss / 1024,
            "cpu_ms_per_domain": 1000 * (usage.ru_utime + usage.ru_stime) / DOMAINS}


def alone(build, late_ms, arguments, count):
    with Zone(build, late_ms) as zone:
        return sorted(check(build, zone, ["d%d.example" % i, *arguments])[0] for i in range(count))


def run(build, runs):
    results = sorted((many(build) for _ in range(runs)), key=lambda result: result["domains_per_second"])
    one = alone(build, LATE_MS, ["--ip", "192.0.2.1"], ALONE)
    four = alone(build, 50, FOUR_ADDRESSES, 5)
    return {"name": "check", "domains": DOMAINS, "late_ms": LATE_MS, **results[len(results) // 2],
            "rates": [result["domains_per_second"] for result in results],
            "alone_p50_ms": 1000 * statistics.median(one), "alone_p95_ms": 1000 * one[int(0.95 * len(one))],
            "four_addresses_s": max(four)}


def show(result):
    lines = ["check: {domains_per_second:.0f} domains/s, median of the runs (bar: 100)",
             "  of the runs      {rates}",
             "  domains          {domains}, answers {late_ms} ms late, {questions} questions",
             "  bare client      {bare_per_second:.0f} questions/s of the same server, the check {ratio:.0%} of that",
             "  CPU              {cpu_ms_per_domain:.2f} ms a domain",
             "  peak memory      {peak_rss_mib:.0f} MiB (bar: 64)",
             "  a domain alone   p50 {alone_p50_ms:.0f}, p95 {alone_p95_ms:.0f} ms, from start to end of the program",
             "  four addresses   {four_addresses_s:.2f} s at 50 ms an answer, the slowest of 5 (bar: 2)"]
    rates = ", ".join("%.0f/s" % rate for rate in result["rates"])
    return "\n".join(lines).format(**{**result, "rates": rates})
