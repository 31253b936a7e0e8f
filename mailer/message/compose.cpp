#include "mailer/message/compose.h"

#include <algorithm>
#include <functional>
#include <string_view>

#include "mailer/base/ascii.h"
#include "mailer/message/attachments.h"
#include "mailer/message/caller_headers.h"
#include "mailer/message/checks.h"
#include "mailer/message/headers.h"
#include "mailer/message/mime.h"

namespace sealpost::message {

namespace {

using Check = base::Result<void>;

constexpr std::size_t kHeaderOctetsAtMost = 64 * 1024;
constexpr std::size_t kSeedAtLeast = 16, kSeedAtMost = 50;
constexpr std::size_t kMarkerAtMost = 75;  // one line of quoted-printable

bool IsUrlSafe(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
  });
}

Check CheckMailbox(const model::Mailbox& mailbox, const std::string& field) {
  if (const auto check = CheckHeaderValue(mailbox.name, field); !check) return check;
  if (const auto check = CheckHeaderValue(mailbox.address.local, field); !check) return check;
  return CheckHeaderValue(mailbox.address.domain, field);
}

Check CheckMailboxes(const std::vector<model::Mailbox>& mailboxes, const std::string& field) {
  for (std::size_t i = 0; i < mailboxes.size(); ++i) {
    if (const auto check = CheckMailbox(mailboxes[i], field + "/" + std::to_string(i)); !check) return check;
  }
  return {};
}

// What the program itself made; wrong here is a fault of ours, but never one that may reach the wire.
Check CheckOwnFields(const Content& content) {
  const std::string& id = content.message_id;
  const bool is_id = id.size() > 4 && id.size() <= kWordAtMost && id.starts_with('<') && id.ends_with('>') &&
                     id.find('@') != std::string::npos && IsVisibleAscii(id);
  if (!is_id) return Refuse("message_id", "must be <local@domain> in printable ASCII.");
  if (!content.feedback_id.empty() &&
      (!IsVisibleAscii(content.feedback_id) || content.feedback_id.size() > kWordAtMost)) {
    return Refuse("feedback_id", "must be printable ASCII without space.");
  }
  if (content.boundary_seed.size() < kSeedAtLeast || content.boundary_seed.size() > kSeedAtMost ||
      !IsUrlSafe(content.boundary_seed)) {
    return Refuse("boundary_seed", "must be 16 to 50 characters of [A-Za-z0-9_-].");
  }
  if (content.slot_marker.size() > kMarkerAtMost || !IsUrlSafe(content.slot_marker)) {
    return Refuse("slot_marker", "must be at most 75 characters of [A-Za-z0-9_-].");
  }
  return {};
}

Check CheckList(const ListHeaders& list) {
  if (!IsUri(list.unsubscribe_url) || !base::ToLower(list.unsubscribe_url).starts_with("http")) {
    return Refuse("list/unsubscribe_url", "must be an https URL of at most 900 octets.");
  }
  if (!IsVisibleAscii(list.list_id) || list.list_id.find_first_of("<>\"") != std::string::npos ||
      list.list_id.size() > kWordAtMost) {
    return Refuse("list/list_id", "must be a dotted name in printable ASCII.");
  }
  return CheckHeaderValue(list.list_name, "list/list_name");
}

Check CheckContent(const Content& content) {
  if (content.text.empty() && content.html.empty())
    return Refuse("text", "and `html` are both empty; a message needs one.");
  for (const auto& check :
       {CheckMailbox(content.from, "from"), CheckMailboxes(content.to, "to"), CheckMailboxes(content.cc, "cc"),
        CheckMailboxes(content.reply_to, "reply_to"), CheckHeaderValue(content.subject, "subject"),
        CheckBody(content.text, "text"), CheckBody(content.html, "html"), CheckOwnFields(content),
        content.has_list ? CheckList(content.list) : Check()}) {
    if (!check) return check;
  }
  return {};
}

Check AppendFields(std::string& out, const Content& content) {
  AppendMailboxes(out, "From", {content.from});
  AppendMailboxes(out, "To", content.to);
  AppendMailboxes(out, "Cc", content.cc);
  AppendMailboxes(out, "Reply-To", content.reply_to);
  AppendText(out, "Subject", content.subject);
  AppendWords(out, "Date", base::ToRfc5322(content.date));
  AppendWords(out, "Message-ID", content.message_id);
  if (const auto own = AppendCallerHeaders(out, content.headers, content.has_list); !own) return own;
  if (content.has_list) {
    AppendPhraseAndToken(out, "List-Id", content.list.list_name, content.list.list_id);
    AppendWords(out, "List-Unsubscribe", "<" + content.list.unsubscribe_url + ">");
    AppendWords(out, "List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
  }
  if (!content.feedback_id.empty()) AppendWords(out, "Feedback-ID", content.feedback_id);
  AppendWords(out, "Auto-Submitted", "auto-generated");
  AppendWords(out, "MIME-Version", "1.0");
  if (out.size() > kHeaderOctetsAtMost) {
    return Refuse("headers", "and the addresses make a header of " + std::to_string(out.size()) + " octets; at most " +
                                 std::to_string(kHeaderOctetsAtMost) + " are sent.");
  }
  return {};
}

base::Result<Part> BuildTree(const Content& content, model::RawMessage& raw) {
  std::vector<Part> bodies, related, mixed;
  if (!content.text.empty()) bodies.push_back(TextPart("plain", content.text, &raw.text_part));
  if (!content.html.empty()) related.push_back(TextPart("html", content.html, &raw.html_part));
  for (std::size_t i = 0; i < content.attachments.size(); ++i) {
    const Attachment& attachment = content.attachments[i];
    const bool is_inline = !attachment.content_id.empty() && !content.html.empty();
    auto fields = AttachmentFields(attachment, is_inline, "attachments/" + std::to_string(i));
    if (!fields) return std::unexpected(fields.error());
    (is_inline ? related : mixed).push_back(DataPart(std::move(*fields), attachment.content));
  }
  if (!related.empty()) bodies.push_back(Multipart("related", std::move(related)));
  mixed.insert(mixed.begin(), Multipart("alternative", std::move(bodies)));
  return Multipart("mixed", std::move(mixed));
}

std::size_t EstimateSize(const Content& content) {
  std::size_t size = 4096 + content.text.size() / 8 * 9 + content.html.size() / 8 * 9;
  for (const Attachment& attachment : content.attachments) size += attachment.content.size() / 57 * 78 + 1024;
  return size;
}

std::vector<std::size_t> FindSlots(std::string_view bytes, std::string_view marker) {
  std::vector<std::size_t> slots;
  if (marker.empty()) return slots;
  const std::boyer_moore_horspool_searcher searcher(marker.begin(), marker.end());
  auto at = std::search(bytes.begin(), bytes.end(), searcher);
  while (at != bytes.end()) {
    slots.push_back(static_cast<std::size_t>(at - bytes.begin()));
    at = std::search(at + marker.size(), bytes.end(), searcher);
  }
  return slots;
}

bool NeedsSmtpUtf8(const Content& content) {
  const auto needs = [](const model::Mailbox& mailbox) { return mailbox.address.NeedsSmtpUtf8(); };
  return needs(content.from) || std::any_of(content.to.begin(), content.to.end(), needs) ||
         std::any_of(content.cc.begin(), content.cc.end(), needs) ||
         std::any_of(content.reply_to.begin(), content.reply_to.end(), needs);
}

}  // namespace

base::Result<model::RawMessage> Compose(const Content& content) {
  if (const auto check = CheckContent(content); !check) return std::unexpected(check.error());
  model::RawMessage raw;
  raw.bytes.reserve(EstimateSize(content));
  if (const auto fields = AppendFields(raw.bytes, content); !fields) return std::unexpected(fields.error());
  const std::size_t header_end = raw.bytes.size();
  const auto root = BuildTree(content, raw);
  if (!root) return std::unexpected(root.error());
  AppendEntity(raw.bytes, *root, content.boundary_seed, content.slot_marker);
  // Attachments come last and hold no slot: no need to search megabytes of base64.
  const std::size_t searched =
      std::max({header_end, raw.text_part.offset + raw.text_part.length, raw.html_part.offset + raw.html_part.length});
  raw.unsubscribe_slots = FindSlots(std::string_view(raw.bytes).substr(0, searched), content.slot_marker);
  raw.smtputf8 = NeedsSmtpUtf8(content);
  return raw;
}

}  // namespace sealpost::message
