#include "dns/checks/dmarc_parts.h"
#include "dns/dmarc_record.h"
#include "dns/name.h"
#include "tests/fuzz/targets.h"

namespace sealpost::tests::fuzz {
namespace {

using namespace sealpost::dns;

void CheckReports(const std::vector<ReportAddress>& reports) {
  for (const ReportAddress& report : reports) {
    ExpectShowable(report.uri, "a report address");
    Expect(!report.mailto || IsHostname(report.host), "a mailto has a host");
    Expect(Lower(report.host) == report.host, "a host is in lower case");
    Expect(!report.uri.contains('!') && !report.uri.contains(','), "a list and its sizes are taken apart");
  }
}

// The record that is proposed in the place of any other.
void CheckSound(const std::string& text) {
  ExpectShowable(text, "a proposed record");
  const auto sound = ParseDmarc(text);
  Expect(sound.has_value(), "a proposed record can be read: " + text);
  for (const auto& policy : {sound->p, sound->sp, sound->np})
    Expect(!policy || *policy >= Policy::kQuarantine, "a proposed record asks for quarantine at least");
  Expect(sound->p && sound->bad_policies.empty(), "a proposed record has a policy");
  Expect(!sound->testing && sound->percent == 100 && sound->psd != 'y', "a proposed record weakens nothing");
  Expect(sound->policy_second && sound->historic_tags.empty(), "a proposed record suits all readers");
}

}  // namespace

void Dmarc(std::string_view bytes) {
  CheckSound(SoundDmarc(std::string(bytes), "example.com"));
  const auto record = ParseDmarc(bytes);
  Expect(!record || IsDmarcRecord(bytes), "only a candidate can be read");
  if (!record) {
    Expect(record.error().column >= 1 && record.error().column <= bytes.size() + 1, "an error stands in the record");
    return ExpectShowable(record.error().message, "the message of an error");
  }
  Expect(record->text == bytes, "a record keeps its text");
  Expect(record->percent <= 100, "a percentage is one");
  Expect(std::string_view("ynu").contains(record->psd), "psd is y, n or u");
  for (const auto* reports : {&record->rua, &record->ruf}) CheckReports(*reports);
  for (const auto* list : {&record->historic_tags, &record->unknown_tags, &record->bad_policies, &record->bad_values,
                           &record->bad_reports})
    for (const std::string& text : *list) ExpectShowable(text, "what is told about a record");
}

}  // namespace sealpost::tests::fuzz
