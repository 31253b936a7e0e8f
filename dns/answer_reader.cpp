#include "dns/answer_reader.h"

#include <algorithm>

#include "dns/name.h"

namespace sealpost::dns {
namespace {

constexpr unsigned kNoError = 0;
constexpr unsigned kServfail = 2;
constexpr unsigned kNxDomain = 3;
constexpr unsigned kRefused = 5;

Reading Fail(Status status, std::string detail) {
  Reading reading;
  reading.status = status;
  reading.detail = std::move(detail);
  return reading;
}

std::string RcodeName(unsigned rcode) {
  switch (rcode) {
    case 1:
      return "FORMERR";
    case 4:
      return "NOTIMP";
    case 9:
      return "NOTAUTH";
    case 16:
      return "BADVERS";
    default:
      return "RCODE " + std::to_string(rcode);
  }
}

Reading ReadFailure(unsigned rcode) {
  if (rcode == kServfail) return Fail(Status::kServfail, "");
  if (rcode == kRefused) return Fail(Status::kRefused, "");
  return Fail(Status::kOtherRcode, "the server answers " + RcodeName(rcode));
}

const Soa* SoaOf(const Message& message, std::string_view name, std::uint32_t& ttl) {
  for (const Record& record : message.authorities) {
    const Soa* soa = std::get_if<Soa>(&record.data);
    if (soa == nullptr || !IsWithin(name, record.name)) continue;
    ttl = record.ttl;
    return soa;
  }
  return nullptr;
}

bool IsReferral(const Message& message) {
  const auto has = [&](Type type) {
    return std::ranges::any_of(message.authorities, [&](const Record& record) { return record.type == type; });
  };
  return !message.authoritative && has(Type::kNs) && !has(Type::kSoa);
}

// Follows the chain from name to name through the answer section.
class Chain {
 public:
  Chain(std::string_view name, Type type, const Message& message) : name_(name), type_(type), message_(message) {}

  Reading Follow() {
    while (true) {
      if (Collect()) {
        reading_.status = Status::kAnswer;
        reading_.ttl = ttl_;
        return reading_;
      }
      const Record* alias = nullptr;
      if (!FindAlias(alias)) return Fail(Status::kMalformed, "several CNAME records stand at one name");
      if (alias == nullptr) return EndWithout();
      ttl_ = std::min(ttl_, alias->ttl);
      name_ = std::get<Host>(alias->data).name;
      reading_.aliases.push_back(name_);
      if (reading_.aliases.size() > kMaxAliases)
        return Fail(Status::kMalformed, "the CNAME chain loops or is too long");
    }
  }

 private:
  bool Collect() {
    for (const Record& record : message_.answers) {
      if (record.type != type_ || !SameName(record.name, name_)) continue;
      ttl_ = std::min(ttl_, record.ttl);
      reading_.records.push_back(record);
    }
    return !reading_.records.empty();
  }

  // False if two aliases at the name contradict each other.
  bool FindAlias(const Record*& found) const {
    for (const Record& record : message_.answers) {
      if (record.type != Type::kCname || !SameName(record.name, name_)) continue;
      if (found != nullptr && !SameName(std::get<Host>(record.data).name, std::get<Host>(found->data).name))
        return false;
      found = &record;
    }
    return true;
  }

  Reading EndWithout() {
    std::uint32_t soa_ttl = 0;
    const Soa* soa = SoaOf(message_, name_, soa_ttl);
    const bool exists = message_.rcode == kNoError;
    if (exists && reading_.aliases.empty() && IsReferral(message_)) {
      return Fail(Status::kRefused, "the server refers to others instead of answering");
    }
    // Records that no link of the chain leads to are not this question's; that there is none does not follow.
    if (std::ranges::any_of(message_.answers, [&](const Record& record) { return record.type == type_; })) {
      return Fail(Status::kMalformed, "the answer holds records of another name only");
    }
    reading_.status = exists ? Status::kNoData : Status::kNxDomain;
    reading_.open = exists && soa == nullptr && !reading_.aliases.empty();
    // RFC 2308 5; an open end says nothing and holds as long as the chain.
    if (!reading_.open) ttl_ = soa == nullptr ? 0 : std::min({ttl_, soa_ttl, soa->minimum});
    reading_.ttl = ttl_;
    return reading_;
  }

  std::string name_;
  Type type_;
  const Message& message_;
  std::uint32_t ttl_ = UINT32_MAX;
  Reading reading_;
};

}  // namespace

Reading ReadAnswer(std::string_view name, Type type, const Message& message) {
  if (!message.response) return Fail(Status::kMalformed, "the message is not a response");
  if (message.rcode != kNoError && message.rcode != kNxDomain) return ReadFailure(message.rcode);
  if (message.truncated) return Fail(Status::kMalformed, "the answer is cut short even over TCP");
  if (!SameName(message.question, name) || message.question_type != type) {
    return Fail(Status::kMalformed, "the message answers another question");
  }
  return Chain(name, type, message).Follow();
}

}  // namespace sealpost::dns
