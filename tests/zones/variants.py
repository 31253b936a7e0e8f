"""The table: what is changed in a good domain, and the one finding that must come of it."""

from dataclasses import dataclass, field

# What stands for {d} in a good domain; {n} is a number of its own. The addresses are public ones, because an MX host
# that is not reachable from outside would be a finding; none is ever connected to.
ADDRESSES = {
    "ip1": "100.200.{n}.1",
    "ip2": "100.200.{n}.2",
    "ip3": "100.200.{n}.3",
    "ip4": "2a00:100:{n}::4",
    "mx": "100.200.{n}.25",
    "elsewhere": "100.200.{n}.99",
}
HOSTS = ("ip1", "ip2", "ip3", "ip4")  # out.ip1.{d} and so on: each sending address has a name, which it greets with
SENDERS = "ip4:{ip1} ip4:{ip2} ip4:{ip3} ip6:{ip4}"
GOOD = {
    ("{d}", "TXT"): ["v=spf1 {senders} -all", "some-service-verification=0123456789"],
    ("{d}", "MX"): ["10 mx.{d}."],
    ("{d}", "CAA"): ['0 issue "ca.example"'],
    ("mx.{d}", "A"): ["{mx}"],
    ("_25._tcp.mx.{d}", "TLSA"): ["3 1 1 " + "ab" * 32],
    ("bounce.{d}", "TXT"): ["v=spf1 {senders} -all"],
    ("bounce.{d}", "MX"): ["10 mx.{d}."],
    ("s1._domainkey.{d}", "TXT"): ["{rsa}"],
    ("s2._domainkey.{d}", "TXT"): ["{ed25519}"],
    ("_dmarc.{d}", "TXT"): ["v=DMARC1; p=quarantine; rua=mailto:dmarc@{d}"],
    ("_mta-sts.{d}", "TXT"): ["v=STSv1; id=20260101"],
    ("mta-sts.{d}", "A"): ["{mx}"],
    ("_smtp._tls.{d}", "TXT"): ["v=TLSRPTv1; rua=mailto:tls@{d}"],
    ("default._bimi.{d}", "TXT"): ["v=BIMI1; l=https://{d}/logo.svg; a=https://{d}/logo.pem"],
}
for host in HOSTS:
    GOOD[f"{host}.out.{{d}}", "AAAA" if host == "ip4" else "A"] = [f"{{{host}}}"]
    GOOD[f"{host}.out.{{d}}", "TXT"] = ["v=spf1 a -all"]
    GOOD[f"{{{host}}}", "PTR"] = [f"{host}.out.{{d}}."]
POLICY = "version: STSv1\nmode: enforce\nmx: mx.{d}\nmx: old-mx.{d}\nmax_age: 604800\n"


@dataclass
class Variant:
    name: str  # {d} is name.example
    found: str = ""  # "fail ID" or "warn ID", nothing for a good domain: the only finding that is neither pass nor info
    records: dict = field(default_factory=dict)  # instead of, or besides, those of GOOD; [] takes them away
    sender: str = "{d}"
    selectors: tuple = ("s1", "s2")
    keys: tuple = ("rsa", "ed25519")
    options: tuple = ()
    zone: str = "signed"  # see zones.Build
    second: dict = field(default_factory=dict)  # what the second name server has instead
    lame: bool = False  # the second name server does not know the zone
    unknown: bool = False  # the fault leaves others open
    left: str = ""  # what is found once the fixes are published
    certificate: bool = True  # the policy's host has one


RP, DMARC, S1 = ("bounce.{d}", "TXT"), ("_dmarc.{d}", "TXT"), ("s1._domainkey.{d}", "TXT")
AUTHORITATIVE = ("--authoritative",)


def Heavy(terms):
    return {(f"h{i}.{{d}}", "A"): ["{elsewhere}"] for i in range(terms)} | {
        ("heavy.{d}", "TXT"): ["v=spf1 " + " ".join(f"a:h{i}.{{d}}" for i in range(terms)) + " ~all"]
    }


VARIANTS = [
    Variant("good"),
    Variant("good-reject", records={DMARC: ["v = DMARC1 ; p=reject; sp=quarantine; rua=mailto:dmarc@{d}"]}),
    Variant("good-subdomain", sender="news.{d}", selectors=("s1._domainkey.{d}", "s2._domainkey.{d}"),
            records={("news.{d}", "MX"): ["10 mx.{d}."], ("news.{d}", "TXT"): ["v=spf1 {senders} -all"]}),
    Variant("good-include", records={RP: ["v=spf1 include:_spf.{d} ~all"],
                                     ("_spf.{d}", "TXT"): ["v=spf1 {senders} ?all"]}),
    Variant("good-delegated-key", records={("s1._domainkey.{d}", "TXT"): [],
                                           ("s1._domainkey.{d}", "CNAME"): ["s1.keys-of-{d}."],
                                           ("s1.keys-of-{d}", "TXT"): ["{rsa}"]}),

    # SPF
    Variant("spf-none", "fail SPF-NONE", {RP: []}),
    Variant("spf-none-glued", "fail SPF-NONE", {RP: ["v=spf1;{senders} -all"]}),
    Variant("spf-none-elsewhere", "fail SPF-NONE", {RP: [], ("bounce.{d}.bounce.{d}", "TXT"): ["v=spf1 {senders} -all"]}),
    Variant("spf-multi", "fail SPF-MULTI", {RP: ["v=spf1 {senders} -all", "v=spf1 mx -all"]}),
    Variant("spf-multi-same", "fail SPF-MULTI", {RP: ["v=spf1 {senders} -all", "V=SPF1 {senders} -all"]}),
    Variant("spf-syntax", "fail SPF-SYNTAX", {RP: ["v=spf1 {senders} ipv4:{mx} -all"]}),
    Variant("spf-lookups", "fail SPF-LOOKUPS", {RP: ["v=spf1 {senders} include:heavy.{d} -all"]} | Heavy(10)),
    Variant("spf-lookups-own", "fail SPF-LOOKUPS",
            {RP: ["v=spf1 {senders} a:h0.{d} a:h1.{d} a:h2.{d} a:h3.{d} include:heavy.{d} -all"]} | Heavy(6)),
    Variant("spf-lookups-nearly", "warn SPF-LOOKUPS", {RP: ["v=spf1 {senders} include:heavy.{d} -all"]} | Heavy(8)),
    Variant("spf-void", "fail SPF-VOID", {RP: ["v=spf1 {senders} a:gone1.{d} a:gone2.{d} mx:gone3.{d} -all"]}),
    Variant("spf-mx10", "fail SPF-MX10", {RP: ["v=spf1 {senders} mx:many.{d} -all"],
                                          ("many.{d}", "MX"): ["10 mx.{d}."] + [f"20 m{i}.{{d}}." for i in range(10)]}),
    Variant("spf-include-none", "fail SPF-INCLUDE-NONE", {RP: ["v=spf1 {senders} include:gone.{d} -all"]}),
    Variant("spf-loop", "fail SPF-LOOP", {RP: ["v=spf1 {senders} include:_spf.{d} -all"],
                                          ("_spf.{d}", "TXT"): ["v=spf1 include:bounce.{d} -all"]}),
    Variant("spf-plusall", "fail SPF-PLUSALL", {RP: ["v=spf1 {senders} +all"]}),
    Variant("spf-plusall-included", "fail SPF-PLUSALL", {RP: ["v=spf1 include:_spf.{d} -all"],
                                                         ("_spf.{d}", "TXT"): ["v=spf1 {senders} all"]}),
    Variant("spf-plusall-prefix", "fail SPF-PLUSALL", {RP: ["v=spf1 {senders} a:mx.{d}/0 -all"]}),
    Variant("spf-plusall-constant", "fail SPF-PLUSALL", {RP: ["v=spf1 exists:mx.{d} -all"]}),
    Variant("spf-ip-pass", "fail SPF-IP-PASS", {RP: ["v=spf1 ip4:{ip1} ip4:{ip2} ip4:{ip3} -all"]}),
    Variant("spf-ip-pass-refused", "fail SPF-IP-PASS", {RP: ["v=spf1 -ip4:{ip2} {senders} -all"]}),
    Variant("spf-neutral", "warn SPF-NEUTRAL", {RP: ["v=spf1 {senders} ?all"]}),
    Variant("spf-all-pos", "warn SPF-ALL-POS", {RP: ["v=spf1 {senders} -all mx"]}),
    Variant("spf-ptr", "warn SPF-PTR", {RP: ["v=spf1 {senders} ptr:{d} -all"]}),
    Variant("spf-wildcard", "warn SPF-WILDCARD", {("*.bounce.{d}", "TXT"): ["v=spf1 {senders} -all"]}),
    Variant("spf-of-from", "warn SPF-NONE", {("{d}", "TXT"): []}),
    Variant("spf-helo", "warn SPF-HELO", {("ip2.out.{d}", "TXT"): ["v=spf1 -all"]}),

    # DKIM
    Variant("dkim-none", "fail DKIM-NONE", {S1: []}),
    Variant("dkim-none-appended", "fail DKIM-NONE", {S1: [], ("s1._domainkey.{d}.{d}", "TXT"): ["{rsa}"]}),
    Variant("dkim-multi", "fail DKIM-MULTI", {S1: ["{rsa}", "{foreign}"]}),
    Variant("dkim-multi-halves", "fail DKIM-MULTI", {S1: ["{rsa:.250}", "{rsa_rest}"]}),
    Variant("dkim-syntax", "fail DKIM-SYNTAX", {S1: ["v=dkim1; {rsa_p}"]}),
    Variant("dkim-keymatch", "fail DKIM-KEYMATCH", {S1: ["{foreign}"]}),
    Variant("dkim-keymatch-unpublished", "fail DKIM-KEYMATCH", selectors=("s1",)),
    Variant("dkim-base64", "fail DKIM-BASE64", {S1: ["{rsa:.255}"]}),
    Variant("dkim-revoked", "fail DKIM-REVOKED", {S1: ["v=DKIM1; p="]}),
    Variant("dkim-weak", "warn DKIM-WEAK", {S1: ["{weak}"]}, keys=("weak", "ed25519")),
    Variant("dkim-alg", "fail DKIM-ALG", {S1: ["v=DKIM1; h=rsa-sha256; {rsa_p}"]}),
    Variant("dkim-test", "warn DKIM-TEST", {S1: ["v=DKIM1; t=y; {rsa_p}"]}),
    Variant("dkim-service", "fail DKIM-SERVICE", {S1: ["v=DKIM1; s=tlsrpt; {rsa_p}"]}),
    Variant("dkim-cname", "fail DKIM-CNAME", {S1: [], ("s1._domainkey.{d}", "CNAME"): ["gone.{d}."]}),
    Variant("dkim-wildcard", "warn DKIM-WILDCARD", {("*._domainkey.{d}", "TXT"): ["{rsa}"]}),
    Variant("dkim-edonly", "warn DKIM-EDONLY", selectors=("s2",), keys=("ed25519",)),

    # DMARC
    Variant("dmarc-none", "fail DMARC-NONE", {DMARC: []}),
    Variant("dmarc-multi", "fail DMARC-MULTI",
            {DMARC: ["v=DMARC1; p=reject; rua=mailto:dmarc@{d}", "v=DMARC1; p=none; rua=mailto:dmarc@{d}"]}),
    Variant("dmarc-version", "fail DMARC-VERSION", {DMARC: ["v=dmarc1; p=reject; rua=mailto:dmarc@{d}"]}),
    Variant("dmarc-policy", "fail DMARC-POLICY", {DMARC: ["v=DMARC1; p=none; rua=mailto:dmarc@{d}"]}),
    Variant("dmarc-policy-by-sp", "fail DMARC-POLICY",
            {DMARC: ["v=DMARC1; p=reject; sp=none; rua=mailto:dmarc@{d}"], ("news.{d}", "MX"): ["10 mx.{d}."],
             ("news.{d}", "TXT"): ["v=spf1 {senders} -all"]},
            sender="news.{d}", selectors=("s1._domainkey.{d}", "s2._domainkey.{d}")),
    Variant("dmarc-sp", "warn DMARC-SP", {DMARC: ["v=DMARC1; p=reject; sp=none; rua=mailto:dmarc@{d}"]}),
    Variant("dmarc-tagvalue", "fail DMARC-TAGVALUE", {DMARC: ["v=DMARC1; p=quarantin; rua=mailto:dmarc@{d}"]}),
    Variant("dmarc-test", "fail DMARC-TEST", {DMARC: ["v=DMARC1; p=quarantine; t=y; rua=mailto:dmarc@{d}"]}),
    Variant("dmarc-test-reject", "warn DMARC-TEST", {DMARC: ["v=DMARC1; p=reject; t=y; rua=mailto:dmarc@{d}"]}),
    Variant("dmarc-pct", "fail DMARC-PCT", {DMARC: ["v=DMARC1; p=quarantine; pct=50; rua=mailto:dmarc@{d}"]}),
    Variant("dmarc-pct-reject", "warn DMARC-PCT", {DMARC: ["v=DMARC1; p=reject; pct=50; rua=mailto:dmarc@{d}"]}),
    Variant("dmarc-psd", "warn DMARC-PSD", {DMARC: ["v=DMARC1; p=reject; psd=y; rua=mailto:dmarc@{d}"]}),
    Variant("dmarc-rua", "warn DMARC-RUA", {DMARC: ["v=DMARC1; p=reject"]}),
    Variant("dmarc-rua-ext", "warn DMARC-RUA-EXT",
            {DMARC: ["v=DMARC1; p=reject; rua=mailto:{n}@reports-of-{d}"], ("reports-of-{d}", "A"): ["{elsewhere}"]}),
    Variant("dmarc-rua-mx", "warn DMARC-RUA-MX", {DMARC: ["v=DMARC1; p=reject; rua=mailto:{n}@gone.{d}"]}),
    Variant("dmarc-none-elsewhere", "fail DMARC-NONE",
            {DMARC: [], ("_dmarc.{d}.{d}", "TXT"): ["v=DMARC1; p=reject"]}, left="warn DMARC-LOCATION"),
    Variant("align-dkim", "fail ALIGN-DKIM", {("s1._domainkey.signer-of-{d}", "TXT"): ["{rsa}"]},
            selectors=("s1._domainkey.signer-of-{d}",), keys=("rsa",)),
    Variant("align-dkim-strict", "fail ALIGN-DKIM",
            {DMARC: ["v=DMARC1; p=reject; adkim=s; rua=mailto:dmarc@{d}"],
             ("s1._domainkey.news.{d}", "TXT"): ["{rsa}"]},
            selectors=("s1._domainkey.news.{d}",), keys=("rsa",)),
    Variant("align-spf", "warn ALIGN-SPF", {DMARC: ["v=DMARC1; p=reject; aspf=s; rua=mailto:dmarc@{d}"]}),
    Variant("align-diverge", "warn ALIGN-DIVERGE",
            {("_dmarc.bounce.{d}", "TXT"): ["v=DMARC1; p=reject; psd=n; rua=mailto:dmarc@bounce.{d}"]}),

    # Hosts, mail, transport, zone
    Variant("ptr-none", "fail PTR-NONE", {("{ip3}", "PTR"): []}),
    Variant("ptr-fcrdns", "fail PTR-FCRDNS", {("ip2.out.{d}", "A"): ["{elsewhere}"]}),
    Variant("ptr-fcrdns-renamed", "fail PTR-FCRDNS", {("{ip2}", "PTR"): ["mx.{d}."]}),
    Variant("ptr-helo", "warn PTR-HELO", {("{ip2}", "PTR"): ["other.{d}."], ("other.{d}", "A"): ["{ip2}"]}),
    Variant("ptr-many", "warn PTR-MANY", {("{ip2}", "PTR"): ["ip2.out.{d}.", "other.{d}."],
                                          ("other.{d}", "A"): ["{ip2}"]}),
    Variant("rp-mx", "fail RP-MX", {("bounce.{d}", "MX"): []}),
    Variant("rp-mx-local", "fail RP-MX", {("mx.{d}", "A"): ["10.0.0.25"]}),
    Variant("rp-mx-null", "fail RP-MX", {("bounce.{d}", "MX"): ["0 ."]}),
    Variant("mx-cname", "warn MX-CNAME", {("mx.{d}", "A"): [], ("mx.{d}", "CNAME"): ["host.{d}."],
                                          ("host.{d}", "A"): ["{mx}"]}),
    Variant("mx-ip", "warn MX-IP", {("{d}", "MX"): ["10 mx.{d}.", "20 {mx}."]}),
    Variant("mx-noaddr", "warn MX-NOADDR", {("{d}", "MX"): ["10 mx.{d}.", "20 old-mx.{d}."]}),
    Variant("mx-local", "warn MX-LOCAL", {("{d}", "MX"): ["10 mx.{d}.", "20 old-mx.{d}."],
                                          ("old-mx.{d}", "A"): ["10.0.0.25"]}),
    Variant("sts-mx", "warn STS-TXT", {("{d}", "MX"): ["10 mx.{d}.", "20 mx2.{d}."], ("mx2.{d}", "A"): ["{mx}"]}),
    Variant("sts-certificate", "warn STS-TXT", certificate=False),
    Variant("tlsrpt", "warn TLSRPT", {("_smtp._tls.{d}", "TXT"): ["v=TLSRPTv1; rua=tls@{d}"]}),
    Variant("dane-unsigned", "warn DANE", zone="unsigned"),
    Variant("dnssec-stale-ds", "fail DNSSEC-BOGUS", zone="stale", unknown=True),
    Variant("dnssec-expired", "fail DNSSEC-BOGUS", zone="expired", unknown=True),
    Variant("caa", "warn CAA", {("{d}", "CAA"): ['0 issue ";"']}),

    # The name servers one by one
    Variant("ns-agree-good", options=AUTHORITATIVE),
    Variant("ns-older", "warn NS-AGREE", options=AUTHORITATIVE, second={DMARC: ["v=DMARC1; p=none"]}),
    Variant("ns-lame", "warn NS-AGREE", options=AUTHORITATIVE, lame=True),
]
