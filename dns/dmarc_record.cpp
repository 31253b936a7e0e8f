#include "dns/dmarc_record.h"

#include <algorithm>
#include <array>
#include <utility>

#include "dns/characters.h"
#include "dns/name.h"
#include "dns/uri.h"

namespace sealpost::dns {
namespace {

constexpr std::array<std::string_view, 11> kDmarcTags = {"v",     "p",    "sp",  "np",  "t", "psd",
                                                         "adkim", "aspf", "rua", "ruf", "fo"};
constexpr std::array<std::string_view, 3> kHistoricTags = {"pct", "rf", "ri"};  // RFC 9989 9.3

template <class List>
bool Lists(const List& list, std::string_view entry) {
  return std::find(list.begin(), list.end(), entry) != list.end();
}

std::vector<std::string_view> SplitList(std::string_view text, char separator) {
  std::vector<std::string_view> entries;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t end = std::min(text.find(separator, from), text.size());
    entries.push_back(Trimmed(text.substr(from, end - from)));
    from = end + 1;
  }
  return entries;
}

std::string Written(const Tag& tag) {
  return tag.name + "=" + tag.value;
}

// RFC 7489 6.2: "!" and a size at the end, obsolete and ignored since RFC 9989.
std::string_view WithoutSize(std::string_view uri) {
  const std::size_t mark = uri.rfind('!');
  if (mark == std::string_view::npos) return uri;
  std::string_view size = uri.substr(mark + 1);
  if (!size.empty() && std::string_view("kmgtKMGT").find(size.back()) != std::string_view::npos) size.remove_suffix(1);
  const bool number =
      !size.empty() && std::all_of(size.begin(), size.end(), [](char c) { return c >= '0' && c <= '9'; });
  return number ? uri.substr(0, mark) : uri;
}

class DmarcReader {
 public:
  explicit DmarcReader(DmarcRecord& record) : record_(record) {}

  void Read(const Tag& tag) {
    if (Lists(kHistoricTags, tag.name)) record_.historic_tags.push_back(tag.name);
    if (tag.name == "p")
      ReadPolicy(tag, record_.p);
    else if (tag.name == "sp")
      ReadPolicy(tag, record_.sp);
    else if (tag.name == "np")
      ReadPolicy(tag, record_.np);
    else if (tag.name == "adkim")
      record_.strict_dkim = Letter(tag, "rs", 'r') == 's';
    else if (tag.name == "aspf")
      record_.strict_spf = Letter(tag, "rs", 'r') == 's';
    else if (tag.name == "t")
      record_.testing = Letter(tag, "yn", 'n') == 'y';
    else if (tag.name == "psd")
      record_.psd = Letter(tag, "ynu", 'u');
    else if (tag.name == "pct")
      ReadPercent(tag);
    else if (tag.name == "rua")
      ReadReports(tag, record_.rua);
    else if (tag.name == "ruf")
      ReadReports(tag, record_.ruf);
    else if (tag.name == "fo")
      ReadFailureOptions(tag);
    else if (!Lists(kDmarcTags, tag.name) && !Lists(kHistoricTags, tag.name))
      record_.unknown_tags.push_back(tag.name);
  }

 private:
  void ReadPolicy(const Tag& tag, std::optional<Policy>& policy) {
    const std::string value = Lower(tag.value);
    for (const Policy known : {Policy::kNone, Policy::kQuarantine, Policy::kReject})
      if (value == PolicyName(known)) policy = known;
    if (!policy) record_.bad_policies.push_back(Written(tag));
  }

  char Letter(const Tag& tag, std::string_view allowed, char otherwise) {
    const std::string value = Lower(tag.value);
    if (value.size() == 1 && allowed.find(value.front()) != std::string_view::npos) return value.front();
    record_.bad_values.push_back(Written(tag));
    return otherwise;
  }

  void ReadPercent(const Tag& tag) {
    unsigned percent = 0;
    for (const char c : tag.value)
      percent = c >= '0' && c <= '9' && percent <= 100 ? percent * 10 + static_cast<unsigned>(c - '0') : 1000;
    record_.has_percent = !tag.value.empty() && percent <= 100;
    if (record_.has_percent)
      record_.percent = percent;
    else
      record_.bad_values.push_back(Written(tag));
  }

  void ReadReports(const Tag& tag, std::vector<ReportAddress>& reports) {
    for (const std::string_view entry : SplitList(tag.value, ',')) {
      const std::string_view text = WithoutSize(entry);
      const auto uri = ParseUri(text);
      if (!uri)
        record_.bad_reports.push_back("\"" + std::string(entry) + "\": " + uri.error());
      else if (text.find('!') != std::string_view::npos)
        record_.bad_reports.push_back("\"" + std::string(entry) + "\": \"!\" has to be percent-encoded");
      else
        reports.push_back({std::string(text), uri->host, uri->scheme == "mailto"});
    }
  }

  // RFC 9989 4.8: "0" or "1", "d", "s", each at most once, in any order.
  void ReadFailureOptions(const Tag& tag) {
    const std::string value = Lower(tag.value);
    std::string seen;
    bool valid = true;
    for (const std::string_view option : SplitList(value, ':')) {
      const bool known = option.size() == 1 && std::string_view("01ds").find(option.front()) != std::string_view::npos;
      valid = valid && known && seen.find(option) == std::string::npos;
      seen += option;
    }
    const bool both = seen.find('0') != std::string::npos && seen.find('1') != std::string::npos;
    if (valid && !both)
      record_.fo = tag.value;
    else
      record_.bad_values.push_back(Written(tag));
  }

  DmarcRecord& record_;
};

}  // namespace

std::string_view PolicyName(Policy policy) {
  switch (policy) {
    case Policy::kNone:
      return "none";
    case Policy::kQuarantine:
      return "quarantine";
    case Policy::kReject:
      return "reject";
  }
  return "";
}

bool IsDmarcRecord(std::string_view text) {
  if (!text.starts_with('v')) return false;
  const std::string_view first = text.substr(0, text.find(';'));
  const std::size_t equals = first.find('=');
  if (equals == std::string_view::npos) return false;
  return Trimmed(first.substr(0, equals)) == "v" && Trimmed(first.substr(equals + 1)) == "DMARC1";
}

std::expected<DmarcRecord, TagError> ParseDmarc(std::string_view text) {
  if (!IsDmarcRecord(text)) return std::unexpected(TagError{1, "does not begin with v=DMARC1"});
  const TagReading reading = ReadTagList(text);
  if (const auto twice = reading.tags.Duplicates(); !twice.empty()) {
    const std::string& name = twice.front();
    return std::unexpected(TagError{reading.tags.Find(name)->column, "the tag " + name + "= stands more than once"});
  }
  DmarcRecord record;
  record.text = text;
  DmarcReader reader(record);
  for (const Tag& tag : reading.tags.tags()) reader.Read(tag);
  for (const TagError& error : reading.errors) record.bad_values.push_back(ToString(error));
  const auto& tags = reading.tags.tags();
  record.policy_second = tags.size() > 1 && tags[1].name == "p";
  return record;
}

}  // namespace sealpost::dns
