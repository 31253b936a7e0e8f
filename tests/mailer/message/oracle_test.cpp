// Random messages, composed by us and read by GMime: what went in must come out, and the octets must be clean.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "mailer/message/attachments.h"
#include "mailer/message/compose.h"
#include "mailer/message/encoding.h"
#include "tests/mailer/message/crlf.h"
#include "tests/mailer/message/gmime_oracle.h"

using namespace sealpost;
using namespace sealpost::message;
using sealpost::tests::WithCrlf;

namespace {

constexpr std::string_view kPieces[] = {"a",
                                        "Z",
                                        "7",
                                        " ",
                                        " ",
                                        " ",
                                        "word",
                                        "code ",
                                        "é",
                                        "ß",
                                        "日本",
                                        "😀",
                                        "نص",
                                        "е\u0301",
                                        ".",
                                        ",",
                                        ";",
                                        ":",
                                        "\"",
                                        "\\",
                                        "(",
                                        ")",
                                        "<",
                                        ">",
                                        "@",
                                        "=",
                                        "=?",
                                        "?=",
                                        "=?UTF-8?Q?x?=",
                                        "%41",
                                        "'",
                                        "`",
                                        "-",
                                        "_",
                                        "/",
                                        "[",
                                        "]",
                                        "&",
                                        "  ",
                                        "From ",
                                        "--",
                                        "=_1_",
                                        "#",
                                        "*",
                                        "averyveryverylongwordwithoutanyspaceatallinside"};

class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {}

  std::size_t Below(std::size_t limit) { return random_() % limit; }
  bool Often() { return Below(2) == 0; }
  std::string Line(std::size_t pieces) {
    std::string line;
    for (std::size_t count = Below(pieces + 1); count > 0; --count) line += kPieces[Below(std::size(kPieces))];
    return line;
  }
  // As the message will show it: white space at the ends of a field carries no meaning.
  std::string Trimmed(std::size_t pieces) {
    const std::string line = Line(pieces);
    const std::size_t begin = line.find_first_not_of(' ');
    return begin == std::string::npos ? "" : line.substr(begin, line.find_last_not_of(' ') + 1 - begin);
  }
  std::string Body(const std::string& marker) {
    constexpr std::string_view kEnds[] = {"\n", "\r\n", "\r", "\n.\n", "\r\n.\r\n", "\n\n", " \n", "\t\n"};
    std::string body;
    for (std::size_t lines = Below(12); lines > 0; --lines) {
      body += Line(30);
      if (Below(5) == 0) body += "https://x.example/u/" + marker;
      body += kEnds[Below(std::size(kEnds))];
    }
    return body + Line(3);
  }
  std::vector<model::Mailbox> Mailboxes(std::size_t at_least, std::size_t at_most) {
    std::vector<model::Mailbox> mailboxes;
    for (std::size_t count = at_least + Below(at_most - at_least + 1); count > 0; --count) {
      mailboxes.push_back({Often() ? Trimmed(20) : "", {"u" + std::to_string(Below(1'000'000)), "x.example"}});
    }
    return mailboxes;
  }
  std::string Octets() {
    std::string octets;
    for (std::size_t count = Below(400); count > 0; --count) octets += static_cast<char>(Below(256));
    return octets;
  }

 private:
  std::mt19937 random_;
};

Content RandomContent(Maker& make, const std::string& marker) {
  Content content;
  content.slot_marker = marker;
  content.boundary_seed = "AbCdEfGhIjKlMnOpQrStUv";
  content.message_id = "<AbCdEfGhIjKlMnOpQrStUvWx@acme.example>";
  content.date = base::FromMillis(static_cast<std::int64_t>(make.Below(2'000'000'000)) * 1000);
  content.from = make.Mailboxes(1, 1).front();
  content.to = make.Mailboxes(1, 6);
  content.cc = make.Mailboxes(0, 3);
  content.reply_to = make.Mailboxes(0, 2);
  content.subject = make.Trimmed(40);
  if (make.Often()) content.html = make.Body(marker) + "<p>";
  if (content.html.empty() || make.Often()) content.text = make.Body(marker) + "x";
  for (std::size_t i = 0; i < make.Below(4); ++i) {
    content.headers.emplace_back("X-Own-" + std::to_string(i), make.Trimmed(30));
  }
  for (std::size_t count = make.Below(4); count > 0; --count) {
    content.attachments.push_back(
        {make.Line(12), "", make.Often() ? "" : "cid" + std::to_string(count), make.Octets()});
  }
  if (make.Often()) {
    content.has_list = true;
    content.list = {"https://mail.example/u/" + marker, "t.acme.example", make.Trimmed(10)};
  }
  return content;
}

std::size_t Count(std::string_view text, std::string_view word) {
  std::size_t count = 0;
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + word.size())) ++count;
  return count;
}

void CheckOctets(const std::string& bytes) {
  REQUIRE(bytes.ends_with("\r\n"));
  const std::size_t header_end = bytes.find("\r\n\r\n");
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t end = bytes.find("\r\n", at);
    const std::string_view line = std::string_view(bytes).substr(at, end - at);
    REQUIRE(line.size() <= 998);
    REQUIRE_FALSE(line.starts_with('.'));
    if (at < header_end) REQUIRE_FALSE(line.find_last_not_of(" \t") == std::string_view::npos);
    for (const char c : line) REQUIRE(((c >= 0x20 && c < 0x7F) || c == '\t'));
    // "Name:" alone is right for an empty field only.
    if (line.find_first_of(": ") + 1 == line.size() && at < header_end) REQUIRE(bytes[end + 2] != ' ');
    at = end + 2;
  }
}

void CheckMailboxes(const std::vector<model::Mailbox>& in,
                    const std::vector<std::pair<std::string, std::string>>& out) {
  REQUIRE(in.size() == out.size());
  for (std::size_t i = 0; i < in.size(); ++i) {
    CHECK(in[i].name == out[i].first);
    CHECK(in[i].address.ToString() == out[i].second);
  }
}

const oracle::Part* Find(const oracle::Part& part, std::string_view type, bool attached) {
  if (part.type == type && part.disposition.empty() != attached) return &part;
  for (const oracle::Part& child : part.children) {
    if (const oracle::Part* found = Find(child, type, attached)) return found;
  }
  return nullptr;
}

void CollectAttached(const oracle::Part& part, std::vector<const oracle::Part*>& attached) {
  if (!part.disposition.empty()) attached.push_back(&part);
  for (const oracle::Part& child : part.children) CollectAttached(child, attached);
}

void CheckNoLonelyChild(const oracle::Part& part) {
  CHECK(part.children.size() != 1);
  for (const oracle::Part& child : part.children) CheckNoLonelyChild(child);
}

void CheckFields(const Content& content, const oracle::Message& read) {
  CHECK(read.subject == content.subject);
  CHECK("<" + read.message_id + ">" == content.message_id);
  CheckMailboxes({content.from}, read.from);
  CheckMailboxes(content.to, read.to);
  CheckMailboxes(content.cc, read.cc);
  CheckMailboxes(content.reply_to, read.reply_to);
  for (const auto& [name, value] : content.headers) CHECK(read.Header(name) == value);
  // From, To, Subject, Date, Message-ID, Auto-Submitted, MIME-Version.
  const std::size_t expected = 7 + (content.cc.empty() ? 0 : 1) + (content.reply_to.empty() ? 0 : 1) +
                               content.headers.size() + (content.has_list ? 3 : 0);
  CHECK(read.headers.size() == expected);
}

void CheckParts(const Content& content, const oracle::Message& read) {
  CheckNoLonelyChild(read.root);
  const auto text = Find(read.root, "text/plain", false), html = Find(read.root, "text/html", false);
  REQUIRE((text != nullptr) == !content.text.empty());
  REQUIRE((html != nullptr) == !content.html.empty());
  // A message that is one part ends with the line end every message ends with.
  const std::string end = read.root.children.empty() ? "\r\n" : "";
  if (text != nullptr) CHECK(text->content == WithCrlf(content.text) + end);
  if (html != nullptr) CHECK(html->content == WithCrlf(content.html) + end);
  std::vector<const oracle::Part*> attached;
  CollectAttached(read.root, attached);
  REQUIRE(attached.size() == content.attachments.size());
  for (const Attachment& attachment : content.attachments) {
    const std::string name = SafeFilename(attachment.filename);
    const auto same = std::find_if(attached.begin(), attached.end(), [&](const oracle::Part* part) {
      const bool is_inline = part->disposition == "inline";
      return part->content == attachment.content && part->content_id == attachment.content_id &&
             part->filename == (name.empty() && !is_inline ? "attachment" : name);
    });
    CHECK_MESSAGE(same != attached.end(), name);
  }
}

}  // namespace

TEST_CASE("an independent parser reads back what was composed") {
  const std::string marker = "0123456789-_" + std::string(32, 'Q');
  for (unsigned seed = 1; seed <= 3000; ++seed) {
    CAPTURE(seed);
    Maker make(seed);
    const Content content = RandomContent(make, marker);
    const auto raw = Compose(content);
    REQUIRE_MESSAGE(raw, raw.error().message);
    CheckOctets(raw->bytes);
    const std::size_t slots = Count(content.text, marker) + Count(content.html, marker) + (content.has_list ? 1 : 0);
    REQUIRE(raw->unsubscribe_slots.size() == slots);
    for (const std::size_t slot : raw->unsubscribe_slots) CHECK(raw->bytes.compare(slot, marker.size(), marker) == 0);
    const oracle::Message read = oracle::Read(raw->bytes);
    CheckFields(content, read);
    CheckParts(content, read);
  }
}

TEST_CASE("random octets in every field are refused or make a clean message") {
  std::mt19937 random(5);
  int accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    const auto junk = [&] {
      constexpr std::string_view kJunk("\r\n\0:<>@\"\\ \t=?.a\xC3\xA9\xFF,;", 20);
      std::string text;
      for (auto count = random() % 6; count-- > 0;) text += kJunk[random() % kJunk.size()];
      return text;
    };
    Content content;
    content.from = {junk(), {"a", "x.example"}};
    content.to = {{junk(), {"b", "x.example"}}};
    content.subject = junk();
    content.text = junk() + "x";
    content.headers = {{"X-" + junk(), junk()}};
    content.attachments = {{junk(), "", "", junk()}};
    content.message_id = "<a@x.example>";
    content.boundary_seed = "AbCdEfGhIjKlMnOpQrStUv";
    const auto raw = Compose(content);
    if (!raw) {
      CHECK_FALSE(raw.error().field.empty());
      continue;
    }
    ++accepted;
    CheckOctets(raw->bytes);
    CHECK(oracle::Read(raw->bytes).headers.size() == 8);
  }
  CHECK(accepted > 20);
}
