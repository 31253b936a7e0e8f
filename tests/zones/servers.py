"""What the checks are pointed at: named, a web server with the policies, servers that are silent or lie."""

import http.server
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time

from zones import NAME_SERVERS, Run

LOOPBACK = "127.0.0.1"
PATH = os.environ.get("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin"
TOOLS = ("named", "dnssec-keygen", "dnssec-signzone", "openssl", "setpriv")


def FreePort():
    """One that is free for UDP and for TCP."""
    for _ in range(100):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            udp.bind((LOOPBACK, 0))
            try:
                tcp.bind(udp.getsockname())
            except OSError:
                continue
            return udp.getsockname()[1]
    raise SystemExit("no free port on loopback")


class Named:
    """One name server in a folder of its own; nothing of the system's is read or written."""

    def __init__(self, folder, port, config):
        self.folder, self.port = folder, port
        os.makedirs(folder, exist_ok=True)
        # A copy, because AppArmor's profile, where there is one, goes by the path and knows only the system's folders.
        program = os.path.join(folder, "named")
        shutil.copy(shutil.which("named", path=PATH), program)
        file = os.path.join(folder, "named.conf")
        with open(file, "w", encoding="ascii") as out:
            out.write(config)
        self.log = open(os.path.join(folder, "log"), "w+", encoding="utf-8", errors="replace")
        # If this program is killed the server goes with it.
        command = ["setpriv", "--pdeathsig", "KILL", program, "-g", "-n", "1", "-c", file]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def wait(self):
        """Until it answers."""
        question = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07example\x00\x00\x06\x00\x01"
        limit = time.monotonic() + 30
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.settimeout(0.05)
            probe.connect((LOOPBACK, self.port))
            while self.process.poll() is None and time.monotonic() < limit:
                try:
                    probe.send(question)
                    if probe.recv(4096)[3] & 15 == 0:
                        return
                except OSError:
                    time.sleep(0.02)  # between two tries, the port being closed still
        self.log.seek(0)
        raise SystemExit(f"{self.folder}: named does not answer:\n{self.log.read()[-2000:]}")

    def stop(self):
        self.process.kill()  # it has nothing to save
        self.process.wait()
        self.log.close()


CONFIG = """options {{
  directory "{folder}"; pid-file none; session-keyfile "{folder}/session.key"; managed-keys-directory "{folder}";
  listen-on port {port} {{ {address}; }}; listen-on-v6 {{ none; }}; allow-query {{ any; }};
  empty-zones-enable no; notify no; {more}
}};
controls {{ }};
"""


def Authority(folder, port, files):
    """`files`: zone -> its file."""
    config = CONFIG.format(folder=folder, address=LOOPBACK, port=port, more="recursion no; dnssec-validation no;")
    config += "".join(f'zone "{zone}." {{ type primary; file "{file}"; }};\n' for zone, file in files.items())
    return Named(folder, port, config)


def Validator(folder, port, authority, root_ds):
    """A resolver that trusts our root alone and asks our authority for everything."""
    more = f"recursion yes; dnssec-validation yes; forwarders {{ {LOOPBACK} port {authority}; }}; forward only;"
    config = CONFIG.format(folder=folder, address=LOOPBACK, port=port, more=more)
    tag, algorithm, kind, digest = re.search(r"DS\s+(\d+) (\d+) (\d+) ([0-9A-F ]+)", root_ds).groups()
    # static-: nothing is to be fetched or kept.
    config += f'trust-anchors {{ "." static-ds {tag} {algorithm} {kind} "{digest}"; }};\n'
    return Named(folder, port, config)


def CanServe(port):
    """Whether the addresses of the zones' name servers can be served."""
    try:
        for address in NAME_SERVERS.values():
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
                udp.bind((address, port))
                tcp.bind((address, port))
        return True
    except OSError:
        return False


def MakeCertificates(folder, hosts):
    """An authority of our own (ca.pem) and one certificate (server.pem, with its key) for all the hosts."""
    ca, key, request, file = (os.path.join(folder, name) for name in ("ca.pem", "ca.key", "server.csr", "server.pem"))
    ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    Run("openssl", "req", "-x509", *ec, "-keyout", key, "-out", ca, "-days", "2", "-subj", "/CN=test authority")
    Run("openssl", "req", *ec, "-keyout", file + ".key", "-out", request, "-subj", "/CN=policies")
    extensions = os.path.join(folder, "server.ext")
    with open(extensions, "w", encoding="ascii") as out:
        out.write("subjectAltName=" + ",".join("DNS:" + host for host in hosts))
    Run("openssl", "x509", "-req", "-in", request, "-CA", ca, "-CAkey", key, "-CAcreateserial", "-days", "2",
        "-extfile", extensions, "-out", file)
    with open(file, "a", encoding="ascii") as out:
        out.write(open(file + ".key", encoding="ascii").read())
    return ca, file


def ServePolicies(certificate, policies):
    """`policies`: host -> text of its MTA-STS policy. Returns the server, which runs until this program ends."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            text = policies.get(self.headers.get("Host", ""), "") if self.path == "/.well-known/mta-sts.txt" else ""
            self.send_response(200 if text else 404)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer((LOOPBACK, 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # a client that does not trust us goes away
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    # The handshake belongs to the connection's thread, not to the one that accepts.
    server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class Responder:
    """Answers every question with what `reply(question, over_tcp)` makes of it; nothing, if that is nothing."""

    def __init__(self, reply, address=LOOPBACK, port=0):
        self.reply = reply
        self.port = port or FreePort()
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.tcp = socket.socket()
        self.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.udp.bind((address, self.port))
        self.tcp.bind((address, self.port))
        self.tcp.listen(64)
        for serve in (self.serve_udp, self.serve_tcp):
            threading.Thread(target=serve, daemon=True).start()

    def serve_udp(self):
        while True:
            question, peer = self.udp.recvfrom(65535)
            if answer := self.reply(question, False):
                self.udp.sendto(answer, peer)

    def serve_tcp(self):
        while True:
            threading.Thread(target=self.converse, args=self.tcp.accept()[:1], daemon=True).start()

    def converse(self, connection):
        try:
            while question := connection.recv(65535)[2:]:
                if answer := self.reply(question, True):
                    connection.sendall(len(answer).to_bytes(2, "big") + answer)
        except OSError:
            pass  # the client has had enough


def RelayTo(port):
    """A reply that is the one of the server at this port of loopback."""

    def reply(question, tcp):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM) as way:
            way.settimeout(5)
            way.connect((LOOPBACK, port))
            way.sendall(len(question).to_bytes(2, "big") + question if tcp else question)
            return way.makefile("rb").read(int.from_bytes(way.recv(2), "big")) if tcp else way.recv(65535)

    return reply
