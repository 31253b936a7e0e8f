// One question on its way: which server is asked next, how long it is waited for, and what the answers amount to. No
// clock, no network: it is told what happened and says what to do. Not thread safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "dns/answer_reader.h"
#include "dns/cares_resolver.h"
#include "dns/query.h"
#include "dns/resolver.h"

namespace sealpost::dns {

// What came of one try.
struct Reply {
  Status carried = Status::kTimeout;  // kAnswer: there are bytes; else how the transport failed
  std::vector<std::uint8_t> bytes;
  bool over_tcp = false;
};

class AskState {
 public:
  using Time = std::chrono::steady_clock::time_point;
  enum class Next {
    kWait,  // for what was sent, until due()
    kSend,  // query() to server()
    kDone,  // answer() is final
  };

  // `system` are the servers of a question that names none.
  AskState(Question question, std::span<const Server> system, const CaresOptions& options, Deadline deadline);

  Next Begin(Time now);
  // `attempt` is what attempt() was when the try was sent; late answers to earlier tries are welcome,
  // until the limit of the question.
  Next Heard(unsigned attempt, const Reply& reply, Time now);
  // To be called at due().
  Next Expired(Time now);

  Query query() const;
  const Server& server() const { return servers_[at_]; }
  unsigned attempt() const { return attempt_; }
  Time due() const { return due_; }
  const Answer& answer() const { return answer_; }

 private:
  struct Sent {
    std::size_t server;
    std::size_t step;  // of the chain of aliases
    bool edns;
  };

  Next Try(std::size_t server, Time now);
  Next TryNext(Time now);
  Next AwaitLate();
  Next Understood(const Server& from, const Reply& reply, const Message& message, Reading reading, Time now);
  Next Failed(unsigned attempt, Status status, std::string detail, bool answered, Time now);
  Next AskOn(Time now);
  Next Finish();

  Question question_;
  std::vector<Server> servers_;
  CaresOptions options_;
  Time deadline_;
  Time limit_;
  Time due_;

  std::string name_;  // the asked one, then targets of aliases
  std::size_t step_ = 0;
  int round_ = 0;
  std::size_t at_ = 0;
  unsigned attempt_ = 0;            // of sent_, the last
  std::vector<Sent> sent_;          // every try, by its attempt
  std::set<unsigned> open_;         // tries of this step that nothing was heard of, whether or not they are waited for
  bool tried_all_ = false;          // only late answers are waited for
  std::set<std::size_t> finished_;  // servers that gave their word in this step and need not be asked again
  std::set<std::size_t> plain_;     // servers that do not understand EDNS

  bool worded_ = false;  // the failure in answer_ is a server's word, not silence
  std::uint32_t ttl_ = UINT32_MAX;
  bool authenticated_ = true;
  Answer answer_;
};

}  // namespace sealpost::dns
