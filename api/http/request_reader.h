// Reads one complete request after the other from a channel: head, judgement, body, each within its time and size.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "api/http/census.h"
#include "api/http/channel.h"
#include "api/http/guard.h"
#include "api/http/message.h"
#include "api/http/server.h"

namespace sealpost::http {

struct Incoming {
  Request request;
  bool keep_alive = true;
};

// Why there is no request: a refusal to be sent before closing, or nothing if the peer is gone.
using End = std::optional<Refusal>;

// Not thread safe. Channel and options outlive it. After an End the connection must be closed: what follows on it is
// the rest of a request nobody understood.
class RequestReader {
 public:
  RequestReader(Channel& channel, const ServerOptions& options) : channel_(channel), options_(options) {}

  // Waits for the first byte of a request; false if the peer is gone or silent until the deadline.
  bool Await(Deadline deadline);
  // Bytes that came with the request before stay for this one (pipelining). `lease` pays for the body.
  std::expected<Incoming, End> Read(BodyBudget::Lease& lease);

 private:
  using Step = std::expected<void, End>;
  std::expected<std::size_t, End> FindHead();  // its size at the front of buffer_
  Step ReadBody(const Head& head, std::string& body, BodyBudget::Lease& lease);
  Step ReadCounted(std::size_t length, std::string& body, BodyBudget::Lease& lease, Deadline deadline);
  Step ReadChunked(std::string& body, BodyBudget::Lease& lease, Deadline deadline);
  Step Fill(std::string& into, std::size_t room, Deadline deadline, std::string_view what);

  Channel& channel_;
  const ServerOptions& options_;
  std::string buffer_;  // what has come and is not used yet
};

}  // namespace sealpost::http
