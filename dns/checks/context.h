// What the families of checks share while one domain is looked at. Only for dns/checks.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dns/checks/check.h"
#include "dns/dmarc_discovery.h"

namespace sealpost::dns {

// Collects findings; rule, source and severity come from the catalog.
class Findings {
 public:
  struct Seen {             // what a finding rests on
    std::string name = {};  // asked
    std::vector<std::string> records = {};
    std::string detail = {};
    std::optional<Fix> fix = {};
    std::string remedy = {};  // empty: the catalog's, on fail and warn
  };
  void Pass(std::string_view id, Seen seen);
  void Info(std::string_view id, Seen seen);
  void Warn(std::string_view id, Seen seen);  // severity kWarning, whatever the catalog's
  void Fail(std::string_view id, Seen seen);  // the catalog's severity; where that is not kError, a warning
  void Unknown(std::string_view id, Seen seen);
  bool Failed(std::string_view prefix) const;  // a kFail whose id begins so
  bool Has(std::string_view id, Verdict verdict) const;
  std::vector<Finding> Take();  // in catalog order, within an id as they came

 private:
  void Add(std::string_view id, Verdict verdict, Seen seen);
  std::vector<Finding> findings_;
};

struct Context {
  const Sender& sender;
  const Tools& tools;
  Findings& findings;
  std::optional<DmarcDiscovery> dmarc{};  // once CheckDmarc has run
  bool dmarc_governs = false;             // and has found a record that does
  bool signed_by_us = false;              // once CheckDkim has run: at least one sound key stands

  Answer Ask(const std::string& name, Type type) const;
  void Prefetch(std::vector<Question> questions) const;
  const std::string& ReturnPath() const;  // or the From domain
};

// Joined texts of TXT records; their presentation for reports; "ns1 answered SERVFAIL" for people.
std::vector<std::string> Texts(const Answer& answer);
std::vector<std::string> Raw(const Answer& answer);
std::string Trouble(const Answer& answer, std::string_view name);
// "a, b, c".
std::string Listed(const std::vector<std::string>& items);
// A TXT record at a name, or what to change it to.
Fix TxtFix(std::string name, std::string value);
// A name nobody publishes, for wildcard checks: constant within a run.
std::string RandomLabel();

// The families, in the order they run; each in a file of its name. Those that can only warn come last: other people's
// servers may take all the time there is.
void CheckZone(Context& context);          // zone.cpp: DNSSEC-*, TTL, IDN, LABELS, FROM-EXISTS
void CheckSpf(Context& context);           // spf.cpp, spf_text.cpp: SPF-*
void CheckDkim(Context& context);          // dkim.cpp: DKIM-*
void CheckDmarc(Context& context);         // dmarc.cpp, dmarc_policy.cpp: DMARC-*
void CheckAlignment(Context& context);     // alignment.cpp: ALIGN-*
void CheckHosts(Context& context);         // hosts.cpp: PTR-*, SPF-HELO
void CheckReturnPath(Context& context);    // return_path.cpp: RP-*
void CheckMx(Context& context);            // mx.cpp: MX-*, DANE
void CheckTransport(Context& context);     // transport.cpp: STS-TXT, TLSRPT, BIMI, UNSUB
void CheckNameServers(Context& context);   // name_servers.cpp: NS-AGREE, if the sender asks for it
void CheckDmarcReports(Context& context);  // dmarc_reports.cpp: DMARC-RUA, -RUA-EXT, -RUA-MX, -RUF, -FO

}  // namespace sealpost::dns
