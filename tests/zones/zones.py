"""Records become zone files: a root, `example` with a signed zone for every domain below it, and the reverse zones."""

import concurrent.futures
import ipaddress
import os
import re
import subprocess

NAME_SERVERS = {"ns1.example": "127.53.0.1", "ns2.example": "127.53.0.2"}
SERIAL, OLDER = 2, 1


class Records:
    """(name, type) -> values, of any zone. Names are without the final dot; a TXT value is its text."""

    def __init__(self):
        self.sets = {}

    def set(self, name, kind, values):
        self.sets[Owner(name), kind] = list(values)

    def publish(self, name, kind, value):
        """As somebody does who is told to: what the record is to replace goes, other records of the name stay."""
        name = Owner(name)
        self.sets.pop((name, "CNAME"), None)
        kept = self.sets.get((name, kind), [])
        if kind == "TXT":
            kept = [text for text in kept if not name.startswith("_") and "._" not in name and not text.lower().startswith("v=spf1")]
        elif kind not in ("A", "AAAA"):
            kept = []
        self.sets[name, kind] = kept + [value]

    def within(self, zone, others=()):
        """What belongs to this zone and to none of the others, all of which are deeper."""
        return {
            key: values
            for key, values in self.sets.items()
            if IsWithin(key[0], zone) and not any(IsWithin(key[0], other) for other in others)
        }


def Owner(name):
    """An address stands for its reverse name."""
    try:
        return ipaddress.ip_address(name).reverse_pointer
    except ValueError:
        return name.rstrip(".").lower()


def IsWithin(name, zone):
    return zone == "" or name == zone or name.endswith("." + zone)


def Text(value):
    """The text of a TXT record as the strings of a zone file, each at most 255 bytes long."""
    quoted = []
    for start in range(0, max(len(value), 1), 255):
        part = re.sub(r'([\\"])', r"\\\1", value[start : start + 255])
        quoted.append(f'"{part}"')
    return " ".join(quoted)


def ZoneText(zone, sets, delegations, serial):
    lines = [f"$ORIGIN {zone}.", "$TTL 3600", f"@ SOA ns1.example. hostmaster.example. {serial} 3600 600 604800 300"]
    for owner in ["@"] + [child + "." for child in delegations]:
        lines += [f"{owner} NS {server}." for server in NAME_SERVERS]
    for (name, kind), values in sets.items():
        lines += [f"{name}. {kind} {Text(value) if kind == 'TXT' else value}" for value in values]
    return "\n".join(lines) + "\n"


class ZoneFolder:
    """The zone files of one folder, and the keys they are signed with."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)

    def path(self, zone, suffix="zone"):
        return os.path.join(self.folder, f"{zone or 'root'}.{suffix}")

    def write(self, zone, sets, delegations=(), serial=SERIAL, suffix="zone"):
        with open(self.path(zone, suffix), "w", encoding="ascii") as file:
            file.write(ZoneText(zone, sets, delegations, serial))
            for child in delegations:
                if os.path.exists(self.path(child, "ds")):
                    file.write(open(self.path(child, "ds"), encoding="ascii").read())

    def sign(self, zone, how="signed"):
        """Signs with one key for all (ECDSA P-256); leaves the DS records. `expired`: with signatures of long ago.
        `stale`: the parent has the DS of a key that is gone."""
        keys = self.path(zone, "keys")
        os.makedirs(keys, exist_ok=True)
        name = zone + "."
        if not os.listdir(keys):
            Run("dnssec-keygen", "-q", "-K", keys, "-a", "ECDSAP256SHA256", "-f", "KSK", name)
        dates = ["-s", "20200101000000", "-e", "20200201000000"] if how == "expired" else []
        Run("dnssec-signzone", "-q", "-S", "-z", "-P", "-K", keys, "-d", keys, "-o", name, *dates,
            "-f", self.path(zone), self.path(zone))
        ds = open(os.path.join(keys, f"dsset-{name}"), encoding="ascii").read()
        if how == "stale":
            ds = re.sub(r"[0-9A-F]{32,}", lambda digest: digest.group()[::-1], ds)
        with open(self.path(zone, "ds"), "w", encoding="ascii") as file:
            file.write(ds)


def Build(zones, records, domains):
    """Writes and signs everything. `domains`: name -> signed, unsigned, stale or expired. Returns zone -> file."""
    for server, address in NAME_SERVERS.items():
        records.set(server, "A", [address])

    def one(domain):
        zones.write(domain, records.within(domain))
        if domains[domain] != "unsigned":
            zones.sign(domain, domains[domain])

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(one, domains))
    zones.write("example", records.within("example", domains), domains)
    zones.sign("example")
    zones.write("arpa", records.within("arpa"))
    zones.sign("arpa")
    glue = {key: values for server in NAME_SERVERS for key, values in records.within(server).items()}
    zones.write("", glue, ["example", "arpa"])
    zones.sign("")
    return {zone: zones.path(zone) for zone in [*domains, "example", "arpa", ""]}


def Run(*command):
    """Its output; the end, if it fails."""
    path = dict(os.environ, PATH=os.environ.get("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin")
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=path)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: {done.stderr}")
    return done.stdout
