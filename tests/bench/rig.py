"""One private installation on loopback: Redis on a socket of its own, a counting sink, `sealpost serve` between them."""
import json
import os
import pathlib
import re
import select
import shutil
import signal
import subprocess
import tempfile
import urllib.request

CONFIG = """[server]
listen = "127.0.0.1:0"
public_url = "https://mail.bench.example"
admin_socket = "{sockets}/admin.sock"
connections = 1024
requests_per_second = 1000000
[store]
url = "sqlite://{data}/sealpost.db"
master_key_file = "{data}/master.key"
[limits]
store = "redis+unix://{sockets}/redis.sock"
hmac_key_file = "{data}/limits.key"
[delivery]
mode = "relay"
relay = "smtp://127.0.0.1:{relay}"
relay_tls = "{tls}"
relay_ca_file = "{data}/ca.pem"
relay_connections = {lanes}
[[domains.domain]]
name = "bench.example"
dkim = [{{ selector = "s1", key_file = "{data}/dkim.pem" }}]
[log]
level = "info"
"""


class Failure(Exception):
    pass


class Process:
    """A child that tells on stdout what is awaited; ended by its process id."""

    def __init__(self, arguments, errors, env=None):
        self.errors = errors
        with open(errors, "ab") as stderr:
            self.child = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=stderr, env=env, bufsize=0)

    def line(self, seconds):
        if not select.select([self.child.stdout], [], [], seconds)[0]:
            raise Failure("nothing heard for %d seconds from %s; see %s" % (seconds, self.child.args[0], self.errors))
        text = self.child.stdout.readline().decode()
        if not text:
            raise Failure("%s ended; see %s" % (self.child.args[0], self.errors))
        return text

    def cpu_seconds(self):
        fields = pathlib.Path("/proc/%d/stat" % self.child.pid).read_text().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def peak_mib(self):
        for line in pathlib.Path("/proc/%d/status" % self.child.pid).read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
        return 0

    def stop(self):
        """What it still said."""
        self.child.send_signal(signal.SIGTERM)
        try:
            return self.child.communicate(timeout=70)[0].decode()
        except subprocess.TimeoutExpired:
            self.child.kill()
            return self.child.communicate()[0].decode()


class Rig:
    """with Rig(...) as rig: everything runs. `build` holds the programs, data goes beside them: a disk, not memory."""

    def __init__(self, build, expect, lanes, tls, delay_ms):
        self.build, self.processes = pathlib.Path(build), []
        self.expect, self.lanes, self.tls, self.delay_ms = expect, lanes, tls, delay_ms

    def __enter__(self):
        self.data = tempfile.mkdtemp(prefix="run.", dir=self.build)
        self.sockets = tempfile.mkdtemp(prefix="sealpost-bench.")  # a unix socket's path has to be short
        try:
            self._start_redis()
            self._start_sink()
            self._start_service()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind, value, trace):
        while self.processes:
            self.processes.pop().stop()
        shutil.rmtree(self.sockets, ignore_errors=True)
        if kind is None:
            shutil.rmtree(self.data, ignore_errors=True)

    def start(self, name, arguments, env=None):
        process = Process([str(a) for a in arguments], os.path.join(self.data, name + ".log"), env)
        self.processes.append(process)
        return process

    def _tool(self, *arguments):
        done = subprocess.run([str(a) for a in arguments], capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise Failure("%s: %s" % (" ".join(map(str, arguments)), done.stderr.strip()))
        return done.stdout

    def _start_redis(self):
        socket = self.sockets + "/redis.sock"
        self.redis = self.start("redis", ["redis-server", "--port", 0, "--unixsocket", socket, "--dir", self.data,
                                          "--appendonly", "yes", "--appendfsync", "everysec", "--save", "",
                                          "--maxmemory-policy", "noeviction"])
        while "ready to accept connections" not in self.redis.line(20).lower():
            pass
        self.redis_url = "redis+unix://" + socket

    def redis_decisions(self):
        calls = re.search(r"cmdstat_evalsha:calls=(\d+)",
                          self._tool("redis-cli", "-s", self.sockets + "/redis.sock", "INFO", "commandstats"))
        return int(calls.group(1)) if calls else 0

    def _start_sink(self):
        arguments = [self.build / "bench_sink", "--expect", self.expect, "--delay", self.delay_ms]
        certificate, key = self.data + "/ca.pem", self.data + "/tls.key"
        self._tool("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                   "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=sink",
                   "-addext", "subjectAltName=IP:127.0.0.1")
        if self.tls:
            arguments += ["--cert", certificate, "--key", key]
        self.sink = self.start("sink", arguments)
        self.relay = int(self.sink.line(10).split()[1])

    def _start_service(self):
        sealpost, config = self.build / "sealpost", self.data + "/sealpost.toml"
        self._tool(sealpost, "dkim", "keygen", "--domain", "bench.example", "--selector", "s1", "--out",
                   self.data + "/dkim.pem")
        pathlib.Path(config).write_text(CONFIG.format(
            sockets=self.sockets, data=self.data, relay=self.relay, lanes=self.lanes,
            tls="required" if self.tls else "none"))
        self.token = self._tool(sealpost, "keys", "create", "--config", config, "--name", "bench", "--permission",
                                "full_access").split()[0]
        self.service = self.start("service", [sealpost, "serve", "--config", config])
        self.port = int(self.service.line(30).split()[3])

    def api(self, path, body):
        request = urllib.request.Request("http://127.0.0.1:%d%s" % (self.port, path), json.dumps(body).encode(),
                                         {"Authorization": "Bearer " + self.token, "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)
