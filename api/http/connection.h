// One connection from its first byte to its last: request, answer, request, answer. One thread, one connection.
#pragma once

#include <atomic>
#include <chrono>
#include <string>

#include "api/http/census.h"
#include "api/http/channel.h"
#include "api/http/message.h"
#include "api/http/origin.h"
#include "api/http/request_reader.h"
#include "api/http/server.h"

namespace sealpost::http {

// What all connections of one server share. Thread safe; outlives them.
struct ServerState {
  ServerOptions options;
  const Router& router;
  const base::Clock& clock;
  base::Log& log;
  base::Metrics& metrics;
  TrustedProxies proxies;
  BodyBudget budget{options.body_budget};
  Census census = {};
  std::atomic<bool> stopping = false;
};

struct Peer {
  std::string address;  // "" over a unix socket
  bool tls = false;
};

class Connection {
 public:
  Connection(ServerState& state, Channel& channel, Census::Entry& entry, Peer peer);

  // Returns when the connection is over; the caller closes the socket.
  void Serve();

 private:
  bool ServeOne();
  bool Await();
  Router::Match Answer(Request& request) const;
  void TurnAway(const Refusal& refusal);  // answers a request that was not understood or not read, and closes
  bool Send(Response response, const Request& request, bool keep_alive);
  bool Write(std::string_view bytes);
  void Note(const Request& request, std::string_view pattern, int status) const;

  ServerState& state_;
  Channel& channel_;
  Census::Entry& entry_;
  const Peer peer_;
  RequestReader reader_;
  bool first_ = true;
  std::chrono::steady_clock::time_point began_;  // of the request being served
};

}  // namespace sealpost::http
