#include "tests/support/fake_dns_zone.h"

#include <algorithm>
#include <stdexcept>

namespace sealpost::tests {
namespace {

constexpr int kOpt = 41, kAllTypes = -1;
constexpr int kFormerr = 1, kServfail = 2, kNxdomain = 3, kNotImp = 4, kRefused = 5;
constexpr std::size_t kHeader = 12, kOurSize = 1232;

std::uint32_t Get16(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at]) << 8 |
                                    static_cast<unsigned char>(bytes[at + 1]));
}

std::vector<std::string> Lowered(std::vector<std::string> labels) {
  for (std::string& label : labels) {
    for (char& c : label) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    }
  }
  return labels;
}

struct Question {
  FakeDnsQuery query;
  std::vector<std::string> labels;
  std::string_view bytes;  // name, type, class
};

// Nothing: it cannot be read. A question holds no compressed name.
std::optional<Question> Read(std::string_view message, bool tcp) {
  if (message.size() < kHeader || Get16(message, 4) != 1) return std::nullopt;
  Question question;
  std::size_t at = kHeader;
  while (at < message.size() && message[at] != 0) {
    const auto length = static_cast<unsigned char>(message[at]);
    if (length > 63 || at + 1 + length >= message.size()) return std::nullopt;
    question.labels.emplace_back(message.substr(at + 1, length));
    at += 1U + length;
  }
  if (at + 5 > message.size()) return std::nullopt;
  FakeDnsQuery& query = question.query;
  query.name = FakeDnsName(question.labels).Text();
  query.type = static_cast<int>(Get16(message, at + 1));
  query.tcp = tcp;
  query.recursion_desired = (message[2] & 0x01) != 0;
  query.authentic_data = (message[3] & 0x20) != 0;
  query.checking_disabled = (message[3] & 0x10) != 0;
  at += 5;
  question.bytes = message.substr(kHeader, at - kHeader);
  if (at + 11 <= message.size() && message[at] == 0 && Get16(message, at + 1) == kOpt) {
    query.edns_size = std::max<std::size_t>(Get16(message, at + 3), 512);
    query.dnssec_ok = (message[at + 7] & 0x80) != 0;
  }
  return question;
}

struct Reply {
  int rcode = 0;
  bool truncated = false, authenticated = false;
  std::size_t answers = 0, authorities = 0;
  std::string body;
};

std::string Written(std::string_view asked, const Question* question, const Reply& reply) {
  std::string out(asked.substr(0, 2));
  out += static_cast<char>(0x80 | (asked[2] & 0x79) | (reply.truncated ? 0x02 : 0));
  out += static_cast<char>(0x80 | (reply.authenticated ? 0x20 : 0) | (asked[3] & 0x10) | reply.rcode);
  const bool opt = question != nullptr && question->query.edns_size > 0 && reply.rcode != kFormerr;
  Put16(out, question != nullptr ? 1 : 0);
  Put16(out, static_cast<std::uint32_t>(reply.answers));
  Put16(out, static_cast<std::uint32_t>(reply.authorities));
  Put16(out, opt ? 1 : 0);
  if (question != nullptr) out += question->bytes;
  out += reply.body;
  if (opt) {
    out += '\0';
    Put16(out, kOpt);
    Put16(out, kOurSize);
    Put32(out, question->query.dnssec_ok ? 0x8000 : 0);
    Put16(out, 0);
  }
  return out;
}

// The answers that no honest server sends.
std::string Spoilt(std::string answer, Behaviour behaviour, const Question& question) {
  if (behaviour == Behaviour::kWrongId) answer[0] = static_cast<char>(answer[0] ^ 0x55);
  if (behaviour == Behaviour::kWrongQuestion && question.bytes.size() > 5) answer[kHeader + 1] ^= 0x03;
  if (behaviour != Behaviour::kMalformed && behaviour != Behaviour::kLoop) return answer;
  answer.resize(kHeader + question.bytes.size());
  answer.replace(6, 6, std::string("\0\1\0\0\0\0", 6));
  if (behaviour == Behaviour::kMalformed) return answer + "\x3f\xff\xfe not a record \x80\x01";
  Put16(answer, 0xc000 | static_cast<std::uint32_t>(answer.size()));
  Put16(answer, static_cast<std::uint32_t>(question.query.type));
  Put16(answer, 1);
  Put32(answer, kFakeDnsTtl);
  Put16(answer, 4);
  return answer + std::string("\x7f\0\0\1", 4);
}

}  // namespace

void FakeDnsZone::Add(const FakeDnsName& name, int type, std::string rdata, std::uint32_t ttl) {
  if (rdata.size() > 0xffff) throw std::invalid_argument("rdata above 65535 bytes at " + name.Text());
  try {
    name.Wire();
  } catch (const std::invalid_argument&) {
    return;
  }
  Labels labels = Lowered(name.labels);
  records_[labels].push_back({type, ttl, std::move(rdata)});
  while (!labels.empty()) {
    labels.erase(labels.begin());
    above_.insert(labels);
  }
}

void FakeDnsZone::Behave(const FakeDnsName& name, std::optional<int> type, Behaviour behaviour) {
  behaviours_[{Lowered(name.labels), type.value_or(kAllTypes)}] = behaviour;
}

bool FakeDnsZone::Exists(const Labels& name, bool exact) const {
  return records_.contains(name) || (!exact && above_.contains(name));
}

// RFC 4592: a wildcard answers below the closest name that exists, and nowhere else.
const std::vector<FakeDnsZone::Record>* FakeDnsZone::RecordsAt(const Labels& name, bool exact) const {
  const auto found = records_.find(name);
  if (found != records_.end()) return &found->second;
  if (Exists(name, exact)) return nullptr;
  for (Labels above = name; !above.empty();) {
    above.erase(above.begin());
    if (!Exists(above, false)) continue;
    above.insert(above.begin(), "*");
    const auto wild = records_.find(above);
    return wild == records_.end() ? nullptr : &wild->second;
  }
  return nullptr;
}

std::optional<Behaviour> FakeDnsZone::BehaviourOf(const Labels& name, int type) const {
  auto found = behaviours_.find({name, type});
  if (found == behaviours_.end()) found = behaviours_.find({name, kAllTypes});
  if (found == behaviours_.end()) return std::nullopt;
  return found->second;
}

// True: the search ends here.
bool FakeDnsZone::Misbehave(Behaviour behaviour, bool has_data, const FakeDnsQuery& query, Found& found) const {
  const auto fail = [&](int rcode) {
    found.rcode = rcode;
    found.answer.clear();
    return true;
  };
  switch (behaviour) {
    case Behaviour::kSilent:
      return found.silent = true;
    case Behaviour::kSilentWithoutData:
      return found.silent = found.silent || !has_data;
    case Behaviour::kServfail:
      return fail(kServfail);
    case Behaviour::kServfailWithoutData:
      return !has_data && fail(kServfail);
    case Behaviour::kRefused:
      return fail(kRefused);
    case Behaviour::kNotImplemented:
      return fail(kNotImp);
    case Behaviour::kBogus:
      found.secure = false;
      return !query.checking_disabled && fail(kServfail);
    case Behaviour::kInsecure:
      found.secure = false;
      return false;
    default:
      return false;
  }
}

void FakeDnsZone::AddSoaOf(Labels name, Found& found) const {
  for (;;) {
    const auto at = records_.find(name);
    if (at != records_.end()) {
      for (const Record& record : at->second) {
        if (record.type == kFakeDnsSoa) return found.authority.push_back({name, &record});
      }
    }
    if (name.empty()) return;
    name.erase(name.begin());
  }
}

FakeDnsZone::Found FakeDnsZone::Find(Labels name, const FakeDnsQuery& query, const FakeDnsSwitches& switches) const {
  Found found;
  found.behaviour = BehaviourOf(name, query.type);
  std::set<Labels> seen;
  for (int step = 0; step <= switches.chase && seen.insert(name).second; ++step) {
    const auto* here = RecordsAt(name, switches.exact_names_only);
    const Record* alias = nullptr;
    std::vector<Placed> wanted;
    for (std::size_t i = 0; here != nullptr && i < here->size(); ++i) {
      if ((*here)[i].type == query.type) wanted.push_back({name, &(*here)[i]});
      if ((*here)[i].type == kFakeDnsCname) alias = &(*here)[i];
    }
    const bool has_data = !wanted.empty() || alias != nullptr;
    const auto behaviour = BehaviourOf(name, query.type);
    if (behaviour && Misbehave(*behaviour, has_data, query, found)) return found;
    if (!wanted.empty() || alias == nullptr) {
      found.answer.insert(found.answer.end(), wanted.begin(), wanted.end());
      const bool exists = here != nullptr || Exists(name, switches.exact_names_only);
      found.rcode = exists ? 0 : kNxdomain;
      if (wanted.empty()) AddSoaOf(name, found);
      return found;
    }
    found.answer.push_back({name, alias});
    name.clear();
    for (std::size_t at = 0; at + 1 < alias->rdata.size(); at += 1U + static_cast<unsigned char>(alias->rdata[at])) {
      name.push_back(alias->rdata.substr(at + 1, static_cast<unsigned char>(alias->rdata[at])));
    }
    name = Lowered(std::move(name));
  }
  return found;
}

std::optional<std::string> FakeDnsZone::Answer(std::string_view message, bool tcp, const FakeDnsSwitches& switches,
                                               std::optional<FakeDnsQuery>& heard) const {
  if (message.size() < kHeader || (message[2] & 0x80) != 0) return std::nullopt;
  if ((message[2] & 0x78) != 0) return Written(message, nullptr, {.rcode = kNotImp, .body = {}});
  const std::optional<Question> question = Read(message, tcp);
  if (!question) return Written(message, nullptr, {.rcode = kFormerr, .body = {}});
  const FakeDnsQuery& query = question->query;
  heard = query;
  if (switches.silence_all) return std::nullopt;
  if (query.edns_size > 0 && !switches.understand_edns) {
    return Written(message, &*question, {.rcode = kFormerr, .body = {}});
  }
  const Labels name = Lowered(question->labels);
  const Found found = Find(name, query, switches);
  if (found.silent) return std::nullopt;

  Reply reply{.rcode = found.rcode, .body = {}};
  reply.authenticated = switches.authenticated && found.secure && (query.authentic_data || query.dnssec_ok) &&
                        (found.rcode == 0 || found.rcode == kNxdomain);
  reply.answers = found.answer.size();
  reply.authorities = found.authority.size();
  for (const auto* section : {&found.answer, &found.authority}) {
    for (const Placed& placed : *section) {
      reply.body += placed.owner == name ? std::string("\xc0\x0c", 2) : FakeDnsName(placed.owner).Wire();
      Put16(reply.body, static_cast<std::uint32_t>(placed.record->type));
      Put16(reply.body, 1);
      Put32(reply.body, placed.record->ttl);
      Put16(reply.body, static_cast<std::uint32_t>(placed.record->rdata.size()));
      reply.body += placed.record->rdata;
    }
  }
  std::string answer = Written(message, &*question, reply);
  const std::size_t limit = tcp ? 0xffff : std::max<std::size_t>(query.edns_size, 512);
  const bool shorten = switches.truncate_all || found.behaviour == Behaviour::kTruncateUdp;
  if (answer.size() > limit || (!tcp && shorten)) {
    answer = Written(message, &*question,
                     {.rcode = reply.rcode, .truncated = true, .authenticated = reply.authenticated, .body = {}});
  }
  return found.behaviour ? Spoilt(std::move(answer), *found.behaviour, *question) : answer;
}

}  // namespace sealpost::tests
