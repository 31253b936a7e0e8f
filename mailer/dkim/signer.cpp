#include "mailer/dkim/signer.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <vector>

#include "mailer/base/crypto.h"
#include "mailer/dkim/canonicalize.h"
#include "mailer/dkim/fields.h"
#include "mailer/dkim/folded_field.h"

namespace sealpost::dkim {
namespace {

constexpr std::chrono::days kLifetime{7};

struct SignedName {
  std::string_view name;
  bool oversigned;
};

constexpr std::array<SignedName, 17> kSignedNames = {{
    {"From", true},
    {"To", true},
    {"Cc", true},
    {"Reply-To", true},
    {"Subject", true},
    {"Date", true},
    {"Message-ID", true},
    {"MIME-Version", false},
    {"Content-Type", true},
    {"Content-Transfer-Encoding", false},
    {"List-Id", false},
    {"List-Unsubscribe", true},
    {"List-Unsubscribe-Post", true},
    {"In-Reply-To", false},
    {"References", false},
    {"Auto-Submitted", false},
    {"Feedback-ID", false},
}};

bool EqualsIgnoringCase(std::string_view left, std::string_view right) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
  return std::ranges::equal(left, right, {}, lower, lower);
}

// What h= lists, in its order, and the text that those fields put into the header hash.
struct Selection {
  std::vector<std::string_view> names;
  std::string canonical;
  std::size_t from_fields = 0;
};

Selection SelectFields(const std::vector<Field>& fields) {
  Selection selection;
  for (const SignedName& signed_name : kSignedNames) {
    std::string_view spelling = signed_name.name;
    // From the bottom up (RFC 6376 5.4.2): a field that is added above must not take the place of ours.
    for (auto field = fields.rbegin(); field != fields.rend(); ++field) {
      if (!EqualsIgnoringCase(field->name, signed_name.name)) continue;
      spelling = field->name;
      selection.names.push_back(spelling);
      AppendRelaxedField(field->name, field->value, selection.canonical);
      selection.canonical += "\r\n";
      if (signed_name.name == "From") ++selection.from_fields;
    }
    // Once more than present: a verifier finds nothing there, and something as soon as one is added (RFC 6376 8.15).
    if (signed_name.oversigned) selection.names.push_back(spelling);
  }
  return selection;
}

// The field up to and with "b=", which is what the signature covers of it (RFC 6376 3.7).
FoldedField DraftField(const Key& key, const Selection& selection, const std::string& body_hash, base::Time now) {
  const std::int64_t signed_at = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  const std::int64_t expires_at = signed_at + std::chrono::seconds(kLifetime).count();
  FoldedField field("DKIM-Signature");
  field.Word("v=1;");
  field.Word(std::string("a=") + AlgorithmName(key.algorithm()) + ";");
  field.Word("c=relaxed/relaxed;");
  field.Word("d=" + key.domain() + ";");
  field.Word("s=" + key.selector() + ";");
  field.Word("t=" + std::to_string(signed_at) + ";");
  field.Word("x=" + std::to_string(expires_at) + ";");
  std::string piece = "h=";
  for (std::size_t i = 0; i < selection.names.size(); ++i) {
    piece += selection.names[i];
    piece += i + 1 < selection.names.size() ? ':' : ';';
    i == 0 ? field.Word(piece) : field.Piece(piece);
    piece.clear();
  }
  field.Word("bh=" + body_hash + ";");
  field.Word("b=");
  return field;
}

}  // namespace

base::Result<std::string> Sign(std::string_view message, std::span<const std::shared_ptr<const Key>> keys,
                               base::Time now) {
  if (keys.empty()) return std::string();
  const auto parts = SplitMessage(message);
  if (!parts) return std::unexpected(parts.error());
  const Selection selection = SelectFields(parts->fields);
  if (selection.from_fields != 1) {
    return base::Fail(base::ErrorKind::kInvalid, "the message has " + std::to_string(selection.from_fields) +
                                                     " From fields: a signature needs exactly one (RFC 5322 3.6)");
  }
  const std::string body_hash = base::Base64Encode(base::AsText(base::Sha256(RelaxedBody(parts->body))));

  std::string signatures;
  for (const auto& key : keys) {
    FoldedField field = DraftField(*key, selection, body_hash, now);
    std::string input = selection.canonical;
    AppendRelaxedField(field.name(), field.value(), input);
    const auto signature = key->Sign(input);
    if (!signature) return std::unexpected(signature.error());
    field.Breakable(base::Base64Encode(*signature));
    signatures += field.text();
    signatures += "\r\n";
  }
  return signatures;
}

}  // namespace sealpost::dkim
