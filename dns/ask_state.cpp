#include "dns/ask_state.h"

#include <algorithm>
#include <utility>

#include "dns/name.h"

namespace sealpost::dns {
namespace {

constexpr std::size_t kMaxFurther = 8;  // questions for targets that an answer left open
constexpr unsigned kFormerr = 1;

std::string SilenceOf(const Server& server, Status status) {
  return ToString(server) + (status == Status::kUnreachable ? " cannot be reached" : " did not answer in time");
}

}  // namespace

AskState::AskState(Question question, std::span<const Server> system, const CaresOptions& options, Deadline deadline)
    : question_(std::move(question)),
      servers_(question_.servers),
      options_(options),
      deadline_(deadline),
      limit_(deadline),
      due_(deadline),
      name_(question_.name) {
  if (servers_.empty()) servers_.assign(system.begin(), system.end());
  answer_.detail = "the time for this question ran out before it was sent";
}

AskState::Next AskState::Begin(Time now) {
  if (now >= deadline_) return Finish();
  if (servers_.empty()) {
    answer_.status = Status::kUnreachable;
    answer_.detail = "No DNS server is configured: name one, or list one in /etc/resolv.conf.";
    return Finish();
  }
  limit_ = deadline_ - now > options_.per_question ? now + options_.per_question : deadline_;
  return Try(0, now);
}

AskState::Next AskState::Heard(unsigned attempt, const Reply& reply, Time now) {
  const Sent& sent = sent_.at(attempt);
  if (sent.step != step_) return Next::kWait;  // about a name that is settled
  open_.erase(attempt);
  const Server& from = servers_[sent.server];
  if (reply.carried != Status::kAnswer) {
    if (attempt != attempt_) return tried_all_ ? AwaitLate() : Next::kWait;
    return Failed(attempt, reply.carried, SilenceOf(from, reply.carried), false, now);
  }
  const auto message = ParseMessage(reply.bytes);
  if (!message) return Failed(attempt, Status::kMalformed, message.error(), true, now);
  if (message->rcode == kFormerr && sent.edns && attempt == attempt_) {
    plain_.insert(sent.server);  // RFC 6891 7
    return Try(sent.server, now);
  }
  Reading reading = ReadAnswer(name_, question_.type, *message);
  if (reading.status != Status::kAnswer && reading.status != Status::kNoData && reading.status != Status::kNxDomain) {
    return Failed(attempt, reading.status, std::move(reading.detail), true, now);
  }
  return Understood(from, reply, *message, std::move(reading), now);
}

AskState::Next AskState::Expired(Time now) {
  if (now >= limit_) {
    if (!worded_ && !sent_.empty() && answer_.status == Status::kTimeout) {
      answer_.detail = SilenceOf(servers_[sent_[attempt_].server], Status::kTimeout);
    }
    return Finish();
  }
  if (now < due_) return Next::kWait;
  return Failed(attempt_, Status::kTimeout, SilenceOf(server(), Status::kTimeout), false, now);
}

Query AskState::query() const {
  // A server that is named in the question is asked for what it knows itself.
  return {name_, question_.type, question_.servers.empty(), question_.checking_disabled, sent_[attempt_].edns};
}

AskState::Next AskState::Try(std::size_t server, Time now) {
  at_ = server;
  attempt_ = static_cast<unsigned>(sent_.size());
  sent_.push_back({server, step_, !plain_.contains(server)});
  open_.insert(attempt_);
  due_ = std::min(limit_, now + options_.first_try * (1 << std::min(round_, 16)));
  return Next::kSend;
}

AskState::Next AskState::TryNext(Time now) {
  std::size_t next = at_ + 1;
  for (; round_ < options_.rounds; ++round_, next = 0) {
    while (next < servers_.size() && finished_.contains(next)) ++next;
    if (next < servers_.size()) return Try(next, now);
  }
  tried_all_ = true;
  return AwaitLate();
}

// A slow resolver may still answer what was sent first; one that gave its word has nothing to add.
AskState::Next AskState::AwaitLate() {
  const bool any =
      std::ranges::any_of(open_, [&](unsigned attempt) { return !finished_.contains(sent_[attempt].server); });
  if (!any) return Finish();
  due_ = limit_;
  return Next::kWait;
}

AskState::Next AskState::Understood(const Server& from, const Reply& reply, const Message& message, Reading reading,
                                    Time now) {
  std::ranges::move(reading.aliases, std::back_inserter(answer_.aliases));
  if (answer_.aliases.size() > kMaxAliases) {
    answer_.status = Status::kMalformed;
    answer_.detail = "the CNAME chain loops or is too long";
    return Finish();
  }
  ttl_ = std::min(ttl_, reading.ttl);
  authenticated_ = authenticated_ && message.authenticated;
  answer_.status = reading.status;
  answer_.records = std::move(reading.records);
  answer_.detail.clear();
  answer_.server = ToString(from);
  answer_.bytes = reply.bytes.size();
  answer_.over_tcp = answer_.over_tcp || reply.over_tcp;
  answer_.ttl = ttl_;
  answer_.authenticated = authenticated_;
  // An authoritative server knows no more than its zones.
  return reading.open && question_.servers.empty() ? AskOn(now) : Finish();
}

AskState::Next AskState::AskOn(Time now) {
  const std::string target = answer_.aliases.back();
  Answer open;
  open.aliases = std::exchange(answer_.aliases, {});
  open.over_tcp = answer_.over_tcp;
  answer_ = std::move(open);
  if (step_ == kMaxFurther || !IsQueryable(target)) {
    answer_.status = Status::kMalformed;
    answer_.detail = "the CNAME chain loops, is too long or ends at no name";
    return Finish();
  }
  ++step_;
  name_ = target;
  round_ = 0;
  finished_.clear();
  open_.clear();
  tried_all_ = false;
  worded_ = false;
  return Try(0, now);
}

AskState::Next AskState::Failed(unsigned attempt, Status status, std::string detail, bool answered, Time now) {
  if (answered) finished_.insert(sent_[attempt].server);
  if (answered || !worded_) {
    answer_.status = status;
    answer_.detail = std::move(detail);
    answer_.server = answered ? ToString(servers_[sent_[attempt].server]) : "";
    worded_ = answered;
  }
  if (tried_all_) return AwaitLate();
  return attempt == attempt_ ? TryNext(now) : Next::kWait;
}

AskState::Next AskState::Finish() {
  due_ = kNoDeadline;
  return Next::kDone;
}

}  // namespace sealpost::dns
