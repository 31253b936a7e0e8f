#include "dns/bimi.h"
#include "dns/dane.h"
#include "dns/name.h"
#include "dns/tag_list.h"
#include "dns/tls_report.h"
#include "dns/uri.h"
#include "tests/fuzz/targets.h"

namespace sealpost::tests::fuzz {
namespace {

using namespace sealpost::dns;

void CheckError(std::string_view text, const TagError& error) {
  Expect(error.column >= 1 && error.column <= text.size() + 1, "an error stands in the list");
  ExpectShowable(ToString(error), "the message of an error");
}

void CheckTags(std::string_view text, const TagList& list) {
  std::size_t column = 0;
  for (const Tag& tag : list.tags()) {
    Expect(tag.column > column, "tags stand in their order");
    column = tag.column;
    Expect(text.substr(column - 1).starts_with(tag.name), "a tag stands in the column that is told");
    ExpectShowable(tag.name, "the name of a tag");
    Expect(list.Find(tag.name) != nullptr && list.Value(tag.name).has_value(), "a tag is found");
    const std::string_view blanks = " \t\r\n";
    const bool trimmed =
        tag.value.empty() || (!blanks.contains(tag.value.front()) && !blanks.contains(tag.value.back()));
    Expect(trimmed && !tag.value.contains(';'), "a value has no blanks at its ends");
  }
  for (const std::string& name : list.Duplicates()) Expect(list.Find(name) != nullptr, "what stands twice is there");
}

void CheckTagLists(std::string_view text) {
  const TagReading reading = ReadTagList(text);
  CheckTags(text, reading.tags);
  for (const TagError& error : reading.errors) CheckError(text, error);
  Expect(ParseTagList(text).has_value() == reading.errors.empty(), "a list is whole if no entry is broken");
  const auto fields = ParseFieldList(text);
  if (!fields) return CheckError(text, fields.error());
  CheckTags(text, *fields);
  for (const Tag& field : fields->tags()) Expect(!field.value.empty(), "a field has a value");
}

void CheckUri(std::string_view text) {
  const auto uri = ParseUri(text);
  if (!uri) return ExpectShowable(uri.error(), "the fault of a URI");
  ExpectShowable(text, "a URI");
  Expect(!uri->scheme.empty() && Lower(uri->scheme) == uri->scheme && Lower(uri->host) == uri->host,
         "scheme and host are in lower case");
  Expect(uri->scheme != "mailto" || IsHostname(uri->host), "a mailto has a host");
  const bool web = uri->scheme == "http" || uri->scheme == "https";
  Expect(!web || !uri->host.empty(), "the web has hosts");
}

void CheckTlsReport(std::string_view text) {
  const auto uris = ParseTlsReport(text);
  if (!uris) return ExpectShowable(uris.error(), "the fault of a TLS-RPT record");
  Expect(IsTlsReportRecord(text) && !uris->empty(), "a TLS-RPT record names an address");
  for (const std::string& uri : *uris) Expect(ParseUri(uri).has_value(), "an address is a URI");
}

void CheckBimi(std::string_view text) {
  const auto bimi = ParseBimi(text);
  if (!bimi) return ExpectShowable(bimi.error(), "the fault of a BIMI record");
  Expect(IsBimiRecord(text), "only a candidate can be read");
  for (const std::string& uri : {bimi->location, bimi->authority})
    Expect(uri.empty() || ParseUri(uri)->scheme == "https", "logos are on the web");
}

void CheckTlsa(std::string_view bytes) {
  if (bytes.size() < 3) return;
  const auto number = [&](std::size_t at) { return static_cast<std::uint8_t>(bytes[at]); };
  const Tlsa tlsa{number(0), number(1), number(2), std::string(bytes.substr(3))};
  const std::string problem = TlsaProblem(tlsa);
  ExpectShowable(problem, "the problem of a TLSA record");
  if (!problem.empty()) return;
  Expect(tlsa.usage >= 2 && tlsa.usage <= 3 && tlsa.selector <= 1 && tlsa.matching <= 2,
         "only what clients use is good");
  Expect(tlsa.matching == 0 ? !tlsa.data.empty() : tlsa.data.size() == 32u * tlsa.matching, "a digest has its length");
}

}  // namespace

void Records(std::string_view bytes) {
  CheckTagLists(bytes);
  CheckUri(bytes);
  CheckTlsReport(bytes);
  CheckBimi(bytes);
  CheckTlsa(bytes);
}

}  // namespace sealpost::tests::fuzz
