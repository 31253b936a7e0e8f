#include "dns/dkim_record.h"

#include <algorithm>
#include <array>
#include <utility>

#include "dns/name.h"

namespace sealpost::dns {
namespace {

constexpr std::array<std::string_view, 7> kDkimTags = {"v", "h", "k", "n", "p", "s", "t"};

bool IsFoldingBlank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::string WithoutBlanks(std::string text) {
  std::erase_if(text, IsFoldingBlank);
  return text;
}

// "a : b". The grammar alone would let case vary (RFC 5234 2.3), but values are compared with case unless the tag says
// otherwise (RFC 6376 3.2), and none of these does.
std::vector<std::string> ColonList(const std::string& value) {
  const std::string text = WithoutBlanks(value);
  std::vector<std::string> entries;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t end = std::min(text.find(':', from), text.size());
    if (end > from) entries.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return entries;
}

bool Contains(const std::vector<std::string>& list, std::string_view entry) {
  return std::find(list.begin(), list.end(), entry) != list.end();
}

std::optional<TagError> TagProblem(const TagList& tags) {
  if (const auto twice = tags.Duplicates(); !twice.empty())
    return TagError{tags.Find(twice.front())->column, "the tag " + twice.front() + "= stands more than once"};
  if (const Tag* version = tags.Find("v")) {
    if (version != &tags.tags().front()) return TagError{version->column, "v= is not the first tag"};
    if (version->value != "DKIM1") return TagError{version->column, "v= is not exactly DKIM1"};
  }
  if (!tags.Find("p")) return TagError{1, "no p=, so no key"};
  for (const std::string_view name : {"h", "k", "s"}) {
    const Tag* tag = tags.Find(name);
    if (tag && ColonList(tag->value).empty()) return TagError{tag->column, std::string(name) + "= has no value"};
  }
  return std::nullopt;
}

}  // namespace

bool DkimRecord::ForEmail() const {
  return services.empty() || Contains(services, "*") || Contains(services, "email");
}

bool DkimRecord::AllowsSha256() const {
  return hashes.empty() || Contains(hashes, "sha256");
}

std::expected<PublicKey, std::string> DkimRecord::Key() const {
  if (revoked) return std::unexpected("p= is empty: the key is revoked");
  if (key_type == "rsa") return ReadPublishedKey(published, KeyType::kRsa);
  if (key_type == "ed25519") return ReadPublishedKey(published, KeyType::kEd25519);
  return std::unexpected("k=" + key_type + " is neither rsa nor ed25519");
}

std::expected<DkimRecord, TagError> ParseDkimRecord(std::string_view text) {
  const auto tags = ParseTagList(text);
  if (!tags) return std::unexpected(tags.error());
  if (auto problem = TagProblem(*tags)) return std::unexpected(std::move(*problem));

  DkimRecord record;
  if (const Tag* type = tags->Find("k")) record.key_type = type->value;
  record.published = WithoutBlanks(tags->Find("p")->value);
  record.revoked = record.published.empty();
  if (const Tag* hashes = tags->Find("h")) record.hashes = ColonList(hashes->value);
  if (const Tag* services = tags->Find("s")) record.services = ColonList(services->value);
  if (const Tag* flags = tags->Find("t")) {
    const std::vector<std::string> set = ColonList(flags->value);
    record.testing = Contains(set, "y");
    record.strict_identity = Contains(set, "s");
  }
  for (const Tag& tag : tags->tags())
    if (std::find(kDkimTags.begin(), kDkimTags.end(), tag.name) == kDkimTags.end())
      record.unknown_tags.push_back(tag.name);
  return record;
}

std::string DkimRecordFor(const PublicKey& key) {
  const std::string_view type = key.type == KeyType::kRsa ? "rsa" : "ed25519";
  return "v=DKIM1; k=" + std::string(type) + "; p=" + PublishedForm(key);
}

}  // namespace sealpost::dns
