// A resolver over a zone in memory, for tests of what reads answers rather than of asking.
//   ZoneResolver dns(R"(
//     example.com        TXT   "v=spf1 a" " -all"
//     example.com        MX    10 mail.example.com
//     broken.example     TXT   SERVFAIL            (also REFUSED, TIMEOUT; type * for all types)
//     *.wild.example     TXT   "x"
//   )");
// A name that has any record, or stands above one, exists; everything else is NXDOMAIN. CNAME chains are followed.
#pragma once

#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "dns/name.h"
#include "dns/resolver.h"

namespace sealpost::tests {

class ZoneResolver final : public dns::Resolver {
 public:
  explicit ZoneResolver(const std::string& zone = "") { Add(zone); }

  void Add(const std::string& zone) {
    std::istringstream lines(zone);
    for (std::string line; std::getline(lines, line);) AddLine(line);
  }
  void Remove(const std::string& name, const std::string& type) {
    std::erase_if(lines_, [&](const Line& l) { return l.name == dns::Lower(name) && l.type == type; });
  }
  void set_authenticated(bool on) { authenticated_ = on; }
  // Questions asked so far, "example.com TXT".
  const std::vector<std::string>& asked() const { return asked_; }

  dns::Answer Ask(const dns::Question& question, dns::Deadline deadline) override {
    asked_.push_back(question.name + " " + dns::TypeName(question.type));
    dns::Answer answer;
    answer.server = "192.0.2.53:53";
    if (std::chrono::steady_clock::now() >= deadline) return answer;
    if (!dns::IsQueryable(question.name)) {
      answer.status = dns::Status::kBadName;
      return answer;
    }
    std::string name = dns::Lower(question.name);
    for (int hops = 0; hops < 10; ++hops) {
      const std::string owner = Owner(name);
      if (Failure(owner, question, answer)) return answer;
      Fill(owner, name, question.type, answer);
      if (!answer.records.empty()) {
        answer.status = dns::Status::kAnswer;
        answer.authenticated = authenticated_;
        answer.ttl = 3600;
        return answer;
      }
      const std::string alias = question.type == dns::Type::kCname ? "" : Alias(owner);
      if (alias.empty()) {
        answer.status = Exists(name) || !Of(owner).empty() ? dns::Status::kNoData : dns::Status::kNxDomain;
        answer.authenticated = authenticated_;
        return answer;
      }
      answer.aliases.push_back(alias);
      name = dns::Lower(alias);
    }
    answer.status = dns::Status::kMalformed;
    return answer;
  }

 private:
  struct Line {
    std::string name, type, data;
  };

  void AddLine(const std::string& text) {
    std::istringstream in(text);
    Line line;
    if (!(in >> line.name >> line.type)) return;
    std::getline(in >> std::ws, line.data);
    line.name = dns::Lower(line.name);
    lines_.push_back(std::move(line));
  }
  std::vector<Line> Of(const std::string& name) const {
    std::vector<Line> found;
    for (const Line& line : lines_)
      if (line.name == name) found.push_back(line);
    return found;
  }
  bool Exists(const std::string& name) const {
    for (const Line& line : lines_)
      if (dns::IsWithin(line.name, name)) return true;
    return false;
  }
  std::string Owner(const std::string& name) const {
    if (Exists(name)) return name;
    const std::string wild = "*." + std::string(dns::Parent(name));
    return Of(wild).empty() ? name : wild;
  }
  bool Failure(const std::string& owner, const dns::Question& question, dns::Answer& answer) const {
    static const std::map<std::string, dns::Status> words = {{"SERVFAIL", dns::Status::kServfail},
                                                             {"REFUSED", dns::Status::kRefused},
                                                             {"TIMEOUT", dns::Status::kTimeout},
                                                             {"BOGUS", dns::Status::kServfail}};
    for (const Line& line : Of(owner)) {
      const auto word = words.find(line.data);
      if (word == words.end() || (line.type != "*" && line.type != dns::TypeName(question.type))) continue;
      if (line.data == "BOGUS" && question.checking_disabled) continue;  // answers once nobody validates
      answer.status = word->second;
      return true;
    }
    return false;
  }
  std::string Alias(const std::string& owner) const {
    for (const Line& line : Of(owner))
      if (line.type == "CNAME") return Host(line.data);
    return "";
  }
  static std::string Host(std::string text) {
    if (text.ends_with('.')) text.pop_back();
    return text;
  }
  static std::vector<std::string> Strings(const std::string& data) {
    std::vector<std::string> strings;
    for (std::size_t at = data.find('"'); at != std::string::npos;) {
      const std::size_t end = data.find('"', at + 1);
      strings.push_back(data.substr(at + 1, end - at - 1));
      at = data.find('"', end + 1);
    }
    return strings;
  }
  void Fill(const std::string& owner, const std::string& name, dns::Type type, dns::Answer& answer) const {
    for (const Line& line : Of(owner)) {
      if (line.type != dns::TypeName(type) || line.data == "BOGUS") continue;
      answer.records.push_back({name, type, 3600, Data(type, line.data)});
      answer.bytes += 24 + line.data.size();
    }
  }
  static decltype(dns::Record::data) Data(dns::Type type, const std::string& data) {
    std::istringstream in(data);
    unsigned a = 0, b = 0, c = 0;
    std::string word;
    switch (type) {
      case dns::Type::kA:
      case dns::Type::kAaaa:
        return dns::ParseIp(data).value();
      case dns::Type::kCname:
      case dns::Type::kNs:
      case dns::Type::kPtr:
        return dns::Host{Host(data)};
      case dns::Type::kMx:
        in >> a >> word;
        return dns::Mx{static_cast<std::uint16_t>(a), Host(word)};
      case dns::Type::kTxt:
      case dns::Type::kSpf:
        return dns::Txt{Strings(data)};
      case dns::Type::kTlsa: {
        in >> a >> b >> c >> word;
        dns::Tlsa tlsa{static_cast<std::uint8_t>(a), static_cast<std::uint8_t>(b), static_cast<std::uint8_t>(c), ""};
        for (std::size_t i = 0; i + 1 < word.size(); i += 2)
          tlsa.data += static_cast<char>(std::stoi(word.substr(i, 2), nullptr, 16));
        return tlsa;
      }
      case dns::Type::kCaa: {
        in >> a >> word;
        const auto value = Strings(data);
        return dns::Caa{static_cast<std::uint8_t>(a), word, value.empty() ? "" : value.front()};
      }
      case dns::Type::kSoa: {
        dns::Soa soa;
        in >> soa.primary >> soa.mailbox >> soa.serial >> soa.minimum;
        return soa;
      }
    }
    return dns::Unknown{data};
  }

  std::vector<Line> lines_;
  std::vector<std::string> asked_;
  bool authenticated_ = false;
};

}  // namespace sealpost::tests
