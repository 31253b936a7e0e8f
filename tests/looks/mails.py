"""The mails that fill the inbox, sent through the API as an application would, and a trap for what must not load."""

import http.server
import json
import os
import threading
import urllib.request

KEY = "Bearer sp_dev"
SHOP = "Orchard Books <hello@orchard.example>"
WELCOME = """<div style="background:#f4f1ea;padding:32px 16px;font-family:Georgia,serif;color:#2b2b2b">
<div style="max-width:520px;margin:0 auto;background:#ffffff;border-radius:8px;padding:32px">
<p style="margin:0 0 24px;letter-spacing:.12em;font-size:13px;color:#4c6b4f">ORCHARD BOOKS</p>
<h1 style="margin:0 0 16px;font-size:26px">Welcome, {{NAME}}</h1>
<p>Every first Friday we send one letter: three new books, one old one, and why.</p>
<p><a href="https://orchard.example/letters" style="display:inline-block;background:#4c6b4f;color:#ffffff;
padding:12px 20px;border-radius:6px;text-decoration:none">Read the last letter</a></p>
<p style="font-size:13px;color:#666">Not for you? <a href="{{{UNSUBSCRIBE_URL}}}">Unsubscribe</a></p></div></div>"""
# Every way a mail might try to run, load, lead away or call home. TRAP is an address that counts callers.
HOSTILE = """<base href="TRAP/base/"><meta http-equiv="refresh" content="0;url=TRAP/refresh">
<link rel="stylesheet" href="TRAP/link.css"><link rel="preload" as="image" href="TRAP/preload">
<style>@import "TRAP/import.css"; body { background: url(TRAP/background.png); font-family: sans-serif; }</style>
<script>document.title = 'PWNED'; top.document.title = 'PWNED'; new Image().src = 'TRAP/script';</script>
<h1 onclick="top.location='TRAP/click'">You have won</h1><p>This mail tries to run scripts and to call home.</p>
<img src="TRAP/pixel.png" alt="a remote picture" onerror="document.title='PWNED';top.document.title='PWNED'">
<img src="data:," alt="a broken picture" onerror="document.title='PWNED';top.document.title='PWNED'">
<svg onload="document.title='PWNED'"><image href="TRAP/svg.png"/></svg><video poster="TRAP/poster" autoplay></video>
<object data="TRAP/object"></object><iframe src="TRAP/frame"></iframe>
<iframe srcdoc="<script>top.document.title='PWNED'</script>"></iframe>
<form action="TRAP/form"><input name="password" autofocus onfocus="document.title='PWNED'"></form>"""


class Trap:
    """A web server that remembers who came."""

    def __init__(self):
        visits = self.visits = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                visits.append(self.path)
                self.send_error(404)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d" % self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()


class Api:
    def __init__(self, url):
        self._url = url
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def post(self, path, body):
        octets = json.dumps(body).encode() if isinstance(body, dict) else body
        kind = "application/json" if isinstance(body, dict) else "application/x-www-form-urlencoded"
        request = urllib.request.Request(self._url + path, octets, {"Authorization": KEY, "Content-Type": kind})
        with self._opener.open(request, timeout=60) as answer:
            return answer.read().decode()

    def send(self, to, **email):
        """The mail as it was caught."""
        id = json.loads(self.post("/emails", {"from": SHOP, "to": [to], **email}))["id"]
        after = ""
        for _ in range(6):
            path = "/x/dev/inbox?to=%s&after=%s&wait=10" % (to, after)
            with self._opener.open(self._url + path, timeout=60) as answer:
                for mail in json.load(answer):
                    after = mail["id"]
                    if mail["email_id"] == id:
                        return mail
        raise RuntimeError("the mail to %s was not caught" % to)


def send_all(api, trap_url):
    """Caught mails by name."""
    topic = json.loads(api.post("/topics", {"name": "Monthly letter", "default_subscription": "opt_in"}))["id"]
    template = json.loads(api.post("/templates", {"name": "Welcome", "subject": "Welcome to Orchard Books, {{NAME}}",
                                                  "html": WELCOME, "variables": [{"key": "NAME", "type": "string"}]}))
    api.post("/templates/%s/publish" % template["id"], {})
    return {
        "tampered": api.send("mia@example.org", subject="Your order 20417 is on its way", category="receipt",
                             html="<p>Two parcels, both on Thursday.</p>", text="Two parcels, both on Thursday."),
        "hostile": api.send("noor@example.org", subject="<script>alert(1)</script> You have won",
                            html=HOSTILE.replace("TRAP", trap_url)),
        "long": api.send("a.very.long.mailbox.name.that.somebody.really.has@subdomain.of.a.long.domain.example",
                         subject="Reminder: the reading with questions and answers that was moved from the small hall "
                         "to the big one, and from Tuesday to Thursday, starts at half past seven instead of eight",
                         text="See you on Thursday.\n"),
        "unicode": api.send("jurgen@example.org", subject="Gr\u00fc\u00dfe aus Z\u00fcrich \u2013 \u03ba\u03b1\u03bb\u03b7\u03bc\u03ad\u03c1\u03b1, "
                            "\u043f\u0440\u0438\u0432\u0435\u0442, \u0645\u0631\u062d\u0628\u0627", html="<p>Sch\u00f6ne Gr\u00fc\u00dfe!</p>"),
        "attachment": api.send("ada@example.org", subject="Invoice 2041", category="receipt", cc="books@example.org",
                               reply_to="desk@orchard.example", text="The invoice is attached.\n\nOrchard Books\n",
                               attachments=[{"filename": "invoice-2041.csv", "content": "Ym9vayxwcmljZQo="},
                                            {"filename": "gr\u00f6\u00dfe.txt", "content": "NDIK"}]),
        "text": api.send("ada@example.org", subject="Your code is 418 207", category="otp",
                         text="Your code is 418 207. It works for ten minutes.\n\nYou did not ask for it? Then ignore "
                         "this mail; nobody gets in without the code.\n"),
        "topic": api.send("ada@example.org", topic_id=topic, template={"id": template["id"], "variables": {"NAME": "Ada"}}),
    }


def change_one_byte(data_folder, mail):
    for folder, _, files in os.walk(data_folder):
        if mail["id"] + ".eml" in files:
            path = os.path.join(folder, mail["id"] + ".eml")
            with open(path, "r+b") as file:
                octets = file.read()
                file.seek(octets.index(b"Thursday"))
                file.write(b"t")
            return
    raise RuntimeError("no stored bytes of " + mail["id"])
