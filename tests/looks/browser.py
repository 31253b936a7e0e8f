"""Headless Chromium, spoken to over its DevTools pipe: NUL-terminated JSON on descriptors 3 and 4, no library needed."""

import base64
import fcntl
import json
import os
import select
import subprocess
import time

PATIENCE = 60  # seconds for one answer; a loaded machine is slow, not broken
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update", "--hide-scrollbars", "--no-proxy-server",
         "--disable-dev-shm-usage", "--remote-debugging-pipe"]


class BrowserError(Exception):
    pass


class Silence(BrowserError):
    pass


class Browser:
    def __init__(self, profile):
        child_in, self._out = _high_pipe()
        self._in, child_out = _high_pipe()
        self.log = open(os.path.join(profile + ".log"), "wb")
        command = ["chromium", *FLAGS, "--user-data-dir=" + profile, "about:blank"]
        self._process = subprocess.Popen(
            ["bash", "-c", 'exec "$@" 3<&%d 4>&%d' % (child_in, child_out), "chromium", *command],
            pass_fds=(child_in, child_out), stdout=self.log, stderr=self.log)
        os.close(child_in)
        os.close(child_out)
        self._buffer, self._last_id, self.events = b"", 0, []

    def close(self):
        try:
            self.call("Browser.close")
            self._process.wait(PATIENCE)
        except (BrowserError, OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        self.log.close()

    def call(self, method, session=None, patience=PATIENCE, **parameters):
        self._last_id += 1
        message = {"id": self._last_id, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        wanted = self._last_id
        while True:
            answer = self._read(method, patience)
            if answer.get("id") == wanted:
                if "error" in answer:
                    raise BrowserError("%s: %s" % (method, answer["error"]["message"]))
                return answer["result"]
            if "method" in answer:
                self.events.append(answer)

    def wait_for(self, method, session, **wanted):
        while True:
            for event in self.events:
                if event["method"] == method and event.get("sessionId") == session \
                        and wanted.items() <= event["params"].items():
                    return event["params"]
            self.events.append(self._read(method))

    def _read(self, what, patience=PATIENCE):
        deadline = time.monotonic() + patience
        while b"\0" not in self._buffer:
            if not select.select([self._in], [], [], max(0, deadline - time.monotonic()))[0]:
                raise Silence("no answer to " + what)
            octets = os.read(self._in, 1 << 20)
            if not octets:
                raise BrowserError("the browser ended during " + what)
            self._buffer += octets
        message, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(message)


class Tab:
    """One page in one window size and one colour scheme."""

    def __init__(self, browser, width, height, scheme, phone=False):
        self._browser = browser
        self._width, self._height, self._phone = width, height, phone
        self._target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = browser.call("Target.attachToTarget", targetId=self._target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(domain + ".enable")
        self._call("Page.setLifecycleEventsEnabled", enabled=True)
        self._size(height)
        self._call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def open(self, url):
        """The status of the answer."""
        self._browser.events.clear()
        self._call("Page.bringToFront")
        self._size(self._height)
        loader = self._call("Page.navigate", url=url)["loaderId"]
        self._browser.wait_for("Page.lifecycleEvent", self._session, name="load", loaderId=loader)
        if url.startswith("file:"):
            return 200
        answer = self._browser.wait_for("Network.responseReceived", self._session, loaderId=loader, type="Document")
        return answer["response"]["status"]

    def complaints(self):
        """What the console says: refusals of the content security policy, failed loads, errors of scripts."""
        said = []
        for event in self._browser.events:
            if event.get("sessionId") == self._session and event["method"] == "Log.entryAdded":
                entry = event["params"]["entry"]
                if entry["level"] in ("warning", "error"):
                    said.append(entry["text"])
        return said

    def ask(self, expression):
        answer = self._call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise BrowserError(json.dumps(answer["exceptionDetails"])[:500])
        return answer["result"].get("value")

    def press(self, key):
        for kind in ("rawKeyDown", "keyUp"):
            self._call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode={"Tab": 9}[key])

    def picture(self, path, tallest=1600):
        """The whole page, but not taller than `tallest`."""
        self._size(int(min(max(self.ask("document.documentElement.scrollHeight"), self._height), tallest)))
        shot = self._shoot()
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))

    def _shoot(self):
        # Chromium now and then never draws the frame a picture waits for; asked again, it does.
        try:
            return self._browser.call("Page.captureScreenshot", self._session, patience=15, format="png")
        except Silence:
            self._call("Page.bringToFront")
            return self._call("Page.captureScreenshot", format="png")

    def rest(self):
        """Leaves the page, which may reload itself otherwise."""
        self._call("Page.navigate", url="about:blank")

    def _size(self, height):
        self._call("Emulation.setDeviceMetricsOverride", width=self._width, height=height,
                   deviceScaleFactor=2 if self._phone else 1, mobile=self._phone)

    def _call(self, method, **parameters):
        return self._browser.call(method, session=self._session, **parameters)


def _high_pipe():
    """A pipe whose ends are clear of the descriptors the browser is given."""
    ends = os.pipe()
    high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends]
    for end in ends:
        os.close(end)
    return high
