"""Everything the checks need around them: keys, certificates, the records of all variants and who serves them."""

import json
import os
import subprocess
import time

import servers
import zones
from variants import ADDRESSES, GOOD, HOSTS, POLICY, SENDERS

DEADLINE = 60  # seconds, far beyond what the program allows itself


def MakeKeys(folder):
    """Key files, and the words for records that hold their public halves."""
    words = {}
    for name, bits in {"rsa": 2048, "foreign": 2048, "weak": 1024, "ed25519": 0}.items():
        file = os.path.join(folder, name + ".pem")
        options = ["-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{bits}"] if bits else ["-algorithm", "ED25519"]
        zones.Run("openssl", "genpkey", *options, "-out", file)
        pem = zones.Run("openssl", "pkey", "-in", file, "-pubout").split("\n")
        key = "".join(line for line in pem if not line.startswith("-"))
        # An Ed25519 key is published bare: 32 bytes, without the 12 in front that say what it is (RFC 8463 4).
        words[name] = f"v=DKIM1; k=rsa; p={key}" if bits else f"v=DKIM1; k=ed25519; p={key[16:]}"
    words["rsa_p"] = words["rsa"].removeprefix("v=DKIM1; ")
    words["rsa_rest"] = words["rsa"][250:]
    return words


class Trial:
    """One variant with its words filled in."""

    def __init__(self, variant, number, words):
        self.variant = variant
        self.words = dict(words, d=f"{variant.name}.example", n=str(number))
        self.words |= {name: self.fill(text) for name, text in ADDRESSES.items()}
        self.words["senders"] = self.fill(SENDERS)
        self.zone = self.words["d"]

    def fill(self, text):
        return text.format(**self.words)

    def put(self, table, records):
        for (name, kind), values in table.items():
            records.set(self.fill(name), kind, [self.fill(value) for value in values])

    def arguments(self, folder):
        variant = self.variant
        arguments = [self.fill(variant.sender), "--return-path", self.fill("bounce.{d}"), *variant.options]
        for selector in variant.selectors:
            arguments += ["--selector", self.fill(selector)]
        for key in variant.keys:
            arguments += ["--dkim-key", os.path.join(folder, key + ".pem")]
        for host in HOSTS:
            arguments += ["--ip", self.words[host], "--helo", self.fill(f"{host}.out.{{d}}")]
        return arguments


class World:
    """Ends with everything in it."""

    def __init__(self, binary, folder, variants, serves_53):
        self.binary, self.folder, self.serves_53 = binary, folder, serves_53
        words = MakeKeys(folder)
        self.trials = [Trial(variant, number, words) for number, variant in enumerate(variants, 1)]
        hosts = {"mta-sts." + trial.fill(trial.variant.sender): trial for trial in self.trials}
        certified = [host for host, trial in hosts.items() if trial.variant.certificate]
        self.ca, certificate = servers.MakeCertificates(folder, certified or ["localhost"])
        policies = {host: trial.fill(POLICY) for host, trial in hosts.items()}
        self.policies = f"127.0.0.1:{servers.ServePolicies(certificate, policies).server_port}"
        self.records = zones.Records()
        for trial in self.trials:
            trial.put(GOOD | trial.variant.records, self.records)
        self.running, self.ports = [], []
        if serves_53:
            for place, address in enumerate(zones.NAME_SERVERS.values()):
                servers.Responder(lambda *question, at=place: servers.RelayTo(self.ports[at])(*question), address, 53)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        while self.running:
            self.running.pop().stop()

    def start(self):
        """Serves the records as they are now."""
        self.stop()
        here = zones.ZoneFolder(os.path.join(self.folder, "zones"))
        files = zones.Build(here, self.records, {trial.zone: trial.variant.zone for trial in self.trials})
        root = open(here.path("", "ds"), encoding="ascii").read()
        other = {zone: file for zone, file in (files | self.second_files(here)).items() if file}
        self.ports = [servers.FreePort() for _ in range(3)]
        first, second, resolver = self.ports
        self.launch(servers.Authority, "first", first, files)
        self.launch(servers.Authority, "second", second, other)
        self.launch(servers.Validator, "resolver", resolver, first, root)
        for server in self.running:
            server.wait()
        self.resolver = f"127.0.0.1:{resolver}"

    def launch(self, make, name, *words):
        self.running.append(make(os.path.join(self.folder, name), *words))

    def second_files(self, here):
        """What the second name server has instead of the first one's."""
        files = {}
        for trial in self.trials:
            if trial.variant.lame:
                files[trial.zone] = None
            elif trial.variant.second:
                records = zones.Records()
                trial.put(GOOD | trial.variant.second, records)
                here.write(trial.zone, records.within(trial.zone), serial=zones.OLDER, suffix="older")
                files[trial.zone] = here.path(trial.zone, "older")
        return files

    def check(self, trial, server="", prefix=()):
        """(exit code, report, seconds)"""
        command = [*prefix, self.binary, "check", "--json", "--server", server or self.resolver, "--ca", self.ca]
        command += ["--https-connect", self.policies, *trial.arguments(self.folder)]
        start = time.monotonic()
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE, check=False)
            code, report = done.returncode, json.loads(done.stdout)
        except subprocess.TimeoutExpired:
            code, report = -1, {"verdict": "does not end", "findings": []}
        except ValueError:
            why = (done.stderr or done.stdout or "prints nothing").strip()[-200:]
            code, report = done.returncode, {"verdict": why, "findings": []}
        return code, report, time.monotonic() - start
