#include "api/dev/pages.h"

#include <algorithm>
#include <optional>
#include <ranges>
#include <utility>
#include <vector>

#include "api/dev/frame.h"
#include "api/dev/header_text.h"
#include "api/dev/mime.h"
#include "api/http/html.h"
#include "mailer/dkim/verifier.h"

namespace sealpost::dev {
namespace {

constexpr std::size_t kRows = 50;
constexpr std::size_t kShownBytes = 1u << 20;
constexpr std::string_view kRefreshSeconds = "5";
constexpr std::string_view kSource = "<pre class=\"source\">";

using http::EscapeHtml;

// "2026-11-23 10:15:30 UTC", which the list breaks into two lines.
std::string ShowTime(base::Time time) {
  const std::string text = base::ToRfc3339(time);
  return "<time datetime=\"" + text + "\"><span>" + text.substr(0, 10) + "</span> <span>" + text.substr(11, 8) +
         " UTC</span></time>";
}

std::string Badge(std::string_view kind, std::string_view text) {
  return "<span class=\"badge " + std::string(kind) + "\">" + EscapeHtml(text) + "</span> ";
}

using Signatures = std::vector<dkim::SignatureResult>;

Signatures Judge(const std::string& raw, const dkim::KeyLookup& keys) {
  return dkim::Verify(raw, keys).value_or(Signatures());
}

bool Passed(const dkim::SignatureResult& signature) {
  return signature.result == "pass";
}

std::string SignatureBadges(const Signatures& signatures) {
  if (signatures.empty()) return Badge("warn", "no DKIM signature");
  std::string html;
  for (const auto& signature : signatures) {
    html += Badge(Passed(signature) ? "pass" : "fail", "DKIM " + signature.algorithm + ": " + signature.result);
  }
  return html;
}

// All signatures in one word, for the list.
std::string SignatureBadge(const Signatures& signatures) {
  if (signatures.empty()) return Badge("warn", "unsigned");
  return std::ranges::all_of(signatures, Passed) ? Badge("pass", "DKIM pass") : Badge("fail", "DKIM fail");
}

std::string TlsBadge(const CaughtMail& mail) {
  return mail.tls.empty() ? Badge("warn", "plaintext") : Badge("plain", "STARTTLS");
}

std::string Join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string OrElse(const std::string& text, std::string_view otherwise) {
  return text.find_first_not_of(" \t") == std::string::npos ? std::string(otherwise) : text;
}

std::string PathOf(const CaughtMail& mail) {
  return "/x/dev/mail/" + mail.id;
}

std::string Row(const CaughtMail& mail, const std::string& raw, const dkim::KeyLookup& keys) {
  return "<li><div class=\"what\"><a href=\"" + PathOf(mail) + "\">" +
         EscapeHtml(OrElse(mail.subject, "(no subject)")) + "</a><span class=\"line\">" +
         EscapeHtml(OrElse(mail.from, "(no sender)")) +
         "</span></div><div class=\"line\"><span class=\"muted\">to</span> " + EscapeHtml(Join(mail.recipients)) +
         "</div><div class=\"badges\">" + SignatureBadge(Judge(raw, keys)) + TlsBadge(mail) + "</div>" +
         ShowTime(mail.received_at) + "</li>\n";
}

std::string EmptyInbox(const DevParts& parts) {
  const std::string command = "curl " + parts.base_url +
                              "/emails \\\n  -H 'Authorization: Bearer sp_dev' \\\n"
                              "  -H 'Content-Type: application/json' \\\n"
                              "  -d '{\"from\": \"Acme <hello@acme.example>\", \"to\": \"you@example.com\",\n"
                              "       \"subject\": \"Hello\", \"html\": \"<p>It works.</p>\"}'";
  return "<section class=\"empty\"><h2>No mail yet</h2><p>Send the first one. It is limited, signed and delivered over "
         "SMTP as it would be in production, and caught here.</p><pre><code>" +
         EscapeHtml(command) + "</code></pre><p>A client of the Resend API needs only another base URL, <code>" +
         EscapeHtml(parts.base_url) + "</code>, and the key <code>sp_dev</code>.</p></section>";
}

std::string Rows(const DevParts& parts, const std::vector<CaughtMail>& mails) {
  const dkim::KeyLookup keys = parts.zone.Snapshot();
  std::string rows;
  for (const CaughtMail& mail : mails) {
    if (const auto raw = parts.inbox.Raw(mail.id)) rows += Row(mail, *raw, keys);
  }
  return "<ol class=\"mails\">\n" + rows + "</ol>";
}

// The bar above every page of the inbox, and what is below.
std::string Framed(const std::string& content) {
  return "<header class=\"bar\"><a class=\"brand\" href=\"/\">Sealpost</a><span class=\"muted\">development mode</span>"
         "</header>" +
         content +
         "<footer>As JSON: <a href=\"/x/dev/inbox\">inbox</a>, <a href=\"/x/dev/dns\">DNS records</a>, "
         "<a href=\"/x/dev/catcher\">scripted answers</a>.</footer>";
}

http::Response NoSuchMail() {
  return http::Page(404, "No such mail",
                    Framed("<section class=\"card narrow\"><h1>No such mail</h1><p>It was deleted, or never caught "
                           "here.</p><p><a href=\"/\">Back to the inbox</a></p></section>"));
}

struct Opened {
  CaughtMail mail;
  std::string raw;
};

std::optional<Opened> Open(const DevParts& parts, const http::Request& request) {
  const auto id = request.parameters.find("id");
  if (id == request.parameters.end()) return std::nullopt;
  auto mail = parts.inbox.Find(id->second);
  auto raw = parts.inbox.Raw(id->second);
  if (!mail || !raw) return std::nullopt;
  return Opened{std::move(*mail), std::move(*raw)};
}

// A term and its HTML; nothing for empty values.
std::string Fact(std::string_view name, const std::string& html) {
  if (html.empty()) return "";
  return "<dt>" + std::string(name) + "</dt><dd>" + html + "</dd>";
}

// The https (in development also http) address of List-Unsubscribe (RFC 2369 3.2) as a link.
std::string UnsubscribeLink(const Mail& mail) {
  std::string_view value = mail.Field("List-Unsubscribe");
  while (!value.empty()) {
    const std::size_t open = value.find('<');
    const std::size_t close = value.find('>', open);
    if (open == std::string_view::npos || close == std::string_view::npos) break;
    const std::string url(value.substr(open + 1, close - open - 1));
    if (url.starts_with("https://") || url.starts_with("http://")) {
      const std::string safe = EscapeHtml(ToUtf8(url, ""));
      return "<a class=\"line\" href=\"" + safe + "\" rel=\"noreferrer\">" + safe + "</a>";
    }
    value.remove_prefix(close + 1);
  }
  return "";
}

std::string Attachments(const Mail& mail) {
  std::string html;
  for (const Part& part : mail.others) {
    html += (html.empty() ? "" : "<br>") + EscapeHtml(OrElse(part.filename, "(no name)")) + " <span class=\"muted\">" +
            EscapeHtml(ToUtf8(part.type, "")) + ", " + std::to_string(part.content.size()) + " bytes</span>";
  }
  return html;
}

// What a reader wants to know first; then, folded away, how the mail came here.
std::string Facts(const DevParts& parts, const Opened& opened, const Mail& mail) {
  const CaughtMail& caught = opened.mail;
  const auto field = [&](std::string_view name) { return EscapeHtml(DecodeWords(mail.Field(name))); };
  const auto code = [](const std::string& text) { return text.empty() ? "" : "<code>" + EscapeHtml(text) + "</code>"; };
  return "<p class=\"badges\">" + SignatureBadges(Judge(opened.raw, parts.zone.Snapshot())) + TlsBadge(caught) +
         "</p><dl>" + Fact("From", EscapeHtml(caught.from)) + Fact("To", field("To")) + Fact("Cc", field("Cc")) +
         Fact("Reply-To", field("Reply-To")) +
         Fact("Received",
              ShowTime(caught.received_at) + EscapeHtml(caught.tls.empty() ? " without TLS" : " with " + caught.tls)) +
         Fact("Unsubscribe", UnsubscribeLink(mail)) + Fact("Attachments", Attachments(mail)) +
         "</dl><details><summary>Envelope and client</summary><dl>" +
         Fact("MAIL FROM", code("<" + caught.mail_from + ">")) + Fact("RCPT TO", code(Join(caught.recipients))) +
         Fact("HELO", EscapeHtml(caught.helo)) + Fact("Client", EscapeHtml(caught.peer)) +
         Fact("Email id", code(parts.email_id(caught.mail_from))) + "</dl></details>";
}

std::string Preformatted(const std::string& text, std::string_view tag = "<pre>") {
  std::string html =
      std::string(tag) + EscapeHtml(ToUtf8(std::string_view(text).substr(0, kShownBytes), "")) + "</pre>";
  if (text.size() > kShownBytes) html += "<p class=\"muted\">Cut at 1 MiB; the raw view has the whole.</p>";
  return html;
}

std::string Content(const Opened& opened, const Mail& mail, std::string_view tab) {
  const std::string path = PathOf(opened.mail);
  if (tab == "html" && mail.html.empty()) return "<p class=\"empty\">This mail has no HTML part.</p>";
  if (tab == "html") {
    return "<iframe class=\"mail\" sandbox=\"\" title=\"The HTML part of this mail\" src=\"" + path +
           "/html\"></iframe>";
  }
  if (tab == "headers") return Preformatted(mail.head, kSource);
  if (tab == "raw")
    return Preformatted(opened.raw, kSource) + "<p><a href=\"" + path + "/raw\">Alone, as plain text</a></p>";
  return mail.text.empty() ? "<p class=\"empty\">This mail has no text part.</p>" : Preformatted(mail.text);
}

std::string Tabs(const std::string& path, std::string_view current) {
  static constexpr std::pair<std::string_view, std::string_view> kTabs[] = {
      {"html", "HTML"}, {"text", "Text"}, {"headers", "Headers"}, {"raw", "Raw"}};
  std::string html = "<nav class=\"tabs\" aria-label=\"Views of this mail\">";
  for (const auto& [name, title] : kTabs) {
    html += "<a href=\"" + path + "?tab=" + std::string(name) + "\"" +
            (name == current ? " aria-current=\"page\">" : ">") + std::string(title) + "</a>";
  }
  return html + "</nav>";
}

}  // namespace

http::Response InboxPage(const DevParts& parts, const http::Request& request) {
  std::vector<CaughtMail> mails = parts.inbox.List();
  const std::size_t count = mails.size();
  const std::string before(request.Query("before"));
  if (!before.empty()) mails.erase(std::ranges::find(mails, before, &CaughtMail::id), mails.end());
  std::ranges::reverse(mails);
  const bool more = mails.size() > kRows;
  if (more) mails.resize(kRows);

  std::string note = std::to_string(count) + (count == 1 ? " mail" : " mails");
  // Older mails do not change while they are read.
  note += before.empty() ? ", refreshed every " + std::string(kRefreshSeconds) + " seconds" : ", older ones";
  std::string body = "<div class=\"heading\"><h1>Inbox</h1><span class=\"muted\">" + note + "</span></div>";
  body += mails.empty() ? EmptyInbox(parts) : Rows(parts, mails);
  if (more) body += "<p><a href=\"/?before=" + mails.back().id + "\">Older mails &rarr;</a></p>";
  http::Response response = http::Page(200, "Inbox - Sealpost", Framed(body));
  if (before.empty()) response.headers.emplace_back("Refresh", kRefreshSeconds);
  return response;
}

http::Response MailPage(const DevParts& parts, const http::Request& request) {
  const std::optional<Opened> opened = Open(parts, request);
  if (!opened) return NoSuchMail();
  const Mail mail = ReadMail(opened->raw);
  std::string tab(request.Query("tab"));
  if (tab != "html" && tab != "text" && tab != "headers" && tab != "raw") tab = mail.html.empty() ? "text" : "html";
  const std::string subject = OrElse(opened->mail.subject, "(no subject)");
  return http::Page(200, subject + " - Sealpost",
                    Framed("<p><a href=\"/\">&larr; Inbox</a></p><section class=\"card\"><h1>" + EscapeHtml(subject) +
                           "</h1>" + Facts(parts, *opened, mail) + "</section>" + Tabs(PathOf(opened->mail), tab) +
                           Content(*opened, mail, tab)));
}

http::Response MailHtml(const DevParts& parts, const http::Request& request) {
  const std::optional<Opened> opened = Open(parts, request);
  return opened ? FrameOf(ReadMail(opened->raw)) : NoSuchMail();
}

http::Response MailRaw(const DevParts& parts, const http::Request& request) {
  std::optional<Opened> opened = Open(parts, request);
  if (!opened) return NoSuchMail();
  return {.status = 200, .content_type = "text/plain; charset=utf-8", .body = std::move(opened->raw), .headers = {}};
}

}  // namespace sealpost::dev
