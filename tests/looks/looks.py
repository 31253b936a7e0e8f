"""Takes a picture of every page, in every size and scheme, and holds the pages to what README.md promises.

usage: looks.py URL FOLDER PICTURES
  URL       a fresh `sealpost dev`
  FOLDER    its temporary folder, where the stored mails are
  PICTURES  where the pictures go
"""

import html
import os
import re
import sys
import time

from browser import Browser, BrowserError, Tab
from mails import Api, Trap, change_one_byte, send_all

SIZES = {"desktop": (1280, 800, False), "phone": (390, 844, True)}
SCHEMES = ("light", "dark")
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "facts.js"), encoding="utf-8") as file:
    FACTS = file.read()


class Looks:
    def __init__(self, browser, url, folder):
        self._url, self._folder = url, folder
        self.tabs = {(size, scheme): Tab(browser, *SIZES[size][:2], scheme, SIZES[size][2])
                     for size in SIZES for scheme in SCHEMES}
        self.faults, self.taken = [], []

    def look(self, name, path, caption, status=200, expect=(), before=None):
        """Opens `path` everywhere. `expect`: texts of the page; `before`: what to do before the picture."""
        for (size, scheme), tab in self.tabs.items():
            file = "%s-%s-%s.png" % (name, size, scheme)
            answered = tab.open(self._url + path)
            # The mail's own frame is told what it may not do; that is no fault of the page.
            complaints = [text for text in tab.complaints() if status == 200 and "/html" not in text]
            if before:
                before(tab)
            facts = tab.ask(FACTS)
            tab.picture(os.path.join(self._folder, file))
            tab.rest()
            self.taken.append((name, caption, size, scheme, file))
            faults = [] if answered == status else ["answered %d, not %d" % (answered, status)]
            faults += ["console: " + text for text in complaints] + facts["faults"]
            faults += ["does not say " + text for text in expect if text not in facts["text"]]
            self.faults += ["%s %s %s: %s" % (name, size, scheme, fault) for fault in faults]


def inspect_mails(looks, mails):
    page = {name: "/x/dev/mail/" + mail["id"] for name, mail in mails.items()}
    looks.look("inbox", "/", "Inbox", expect=["Welcome to Orchard Books, Ada", "DKIM pass", "DKIM fail", "STARTTLS"])
    looks.look("focus", "/", "Inbox, Tab pressed twice", before=lambda tab: (tab.press("Tab"), tab.press("Tab")))
    looks.look("html", page["topic"], "A templated mail with a topic", expect=["DKIM rsa-sha256: pass", "TLSv1.3", "/u/"])
    looks.look("envelope", page["topic"], "Its envelope, unfolded", expect=["MAIL FROM", "RCPT TO"],
               before=lambda tab: tab.ask("document.querySelector('details').open = true"))
    looks.look("headers", page["topic"] + "?tab=headers", "Its header fields", expect=["List-Unsubscribe-Post"])
    looks.look("raw", page["topic"] + "?tab=raw", "As it came", expect=["DKIM-Signature"])
    looks.look("text", page["text"], "A text mail", expect=["works for ten minutes"])
    looks.look("no-html", page["text"] + "?tab=html", "A text mail has no HTML part")
    looks.look("attachment", page["attachment"], "Attachments, a copy, a reply address", expect=["gr\u00f6\u00dfe.txt"])
    looks.look("unicode", page["unicode"], "A subject in many scripts", expect=["\u043f\u0440\u0438\u0432\u0435\u0442"])
    looks.look("long", page["long"], "A long subject, a long mailbox")
    looks.look("tampered", page["tampered"], "One stored byte changed", expect=["DKIM rsa-sha256: fail"])
    looks.look("hostile", page["hostile"], "Scripts and remote pictures do nothing", expect=["<script>alert(1)"])
    looks.look("no-such-mail", "/x/dev/mail/none", "No such mail", status=404)
    return page


def inspect_unsubscribe(looks, api, link):
    looks.look("unsubscribe", link, "Unsubscribe: the question", expect=["Monthly letter"])
    api.post(link, b"action=unsubscribe")
    looks.look("unsubscribed", link, "Unsubscribe: done", expect=["Monthly letter"])
    looks.look("unknown-link", link[:-6], "A link that was cut off", status=404)


def inspect_hostile(looks, trap, path):
    """The mail's HTML as a document of its own: the policy has to hold without the frame's sandbox too."""
    tab = looks.tabs["desktop", "light"]
    if tab.open(looks._url + path + "/html") != 200:
        looks.faults.append("hostile: its html is not served")
    time.sleep(1)  # a chance for what must not happen
    if not any("Content Security Policy" in text for text in tab.complaints()):
        looks.faults.append("hostile: nothing was refused, or the refusal was not heard")
    for question in ("document.title", "location.href", "String(self.origin)"):
        value = tab.ask(question)
        if "PWNED" in value or trap.url in value or (question.endswith("origin)") and value != "null"):
            looks.faults.append("hostile: %s is %s" % (question, value))
    looks.faults += ["hostile: the mail reached " + visit for visit in trap.visits]


def write_sheet(folder, taken):
    """index.html with all pictures, for eyes."""
    rows = {}
    for name, caption, size, scheme, file in taken:
        rows.setdefault((name, caption), []).append(
            '<figure class="%s"><a href="%s"><img src="%s" alt="%s"></a><figcaption>%s, %s</figcaption></figure>'
            % (size, file, file, html.escape(caption), size, scheme))
    sections = "".join("<section><h2>%s</h2><div>%s</div></section>\n" % (html.escape(caption), "".join(figures))
                       for (_, caption), figures in rows.items())
    with open(os.path.join(folder, "index.html"), "w", encoding="utf-8") as sheet:
        sheet.write("""<!doctype html><html lang="en"><meta charset="utf-8"><title>Sealpost, all pages</title><style>
body { margin: 2rem; font: 15px/1.5 system-ui, sans-serif; background: #e9ebee; color: #1b2430; }
section > div { display: grid; grid-template-columns: 4fr 4fr 2fr 2fr; gap: 1rem; align-items: start; }
figure { margin: 0; } img { width: 100%; max-height: 26rem; object-fit: cover; object-position: top; border: 1px solid #c4cad2; }
figcaption { font-size: 13px; color: #4a5563; } h2 { font-size: 17px; margin: 1.5rem 0 .5rem; }
</style><h1>Sealpost, all pages</h1>
""" + sections)


def main():
    url, data, pictures = sys.argv[1:]
    os.makedirs(pictures, exist_ok=True)
    for old in os.listdir(pictures):
        if old.endswith(".png"):
            os.remove(os.path.join(pictures, old))
    trap, api = Trap(), Api(url)
    browser = Browser(os.path.join(data, "profile"))
    try:
        looks = Looks(browser, url, pictures)
        looks.look("empty", "/", "Empty inbox", expect=["No mail yet", "curl"])
        mails = send_all(api, trap.url)
        change_one_byte(data, mails["tampered"])
        page = inspect_mails(looks, mails)
        inspect_hostile(looks, trap, page["hostile"])
        link = re.search(r"List-Unsubscribe: <[^/]*//[^/]*(/u/[^>]+)>", mails["topic"]["raw"].replace("\r\n ", " "))
        inspect_unsubscribe(looks, api, link.group(1))
        write_sheet(pictures, looks.taken)
        sheet = Tab(browser, 1600, 900, "light")
        sheet.open("file://" + os.path.abspath(pictures) + "/index.html")
        sheet.picture(os.path.join(pictures, "contact-sheet.png"), tallest=12000)
    except BrowserError as error:
        sys.exit("looks: %s" % error)
    finally:
        browser.close()
    for fault in looks.faults:
        print("FAULT", fault)
    print("%d pictures, %d faults: %s" % (len(looks.taken), len(looks.faults), os.path.abspath(pictures) + "/index.html"))
    sys.exit(1 if looks.faults else 0)


if __name__ == "__main__":
    main()
