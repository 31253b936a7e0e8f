#include "api/http/connection.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "api/http/headers.h"
#include "api/http/problem.h"
#include "api/http/wire.h"
#include "mailer/base/id.h"

namespace sealpost::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kDrainBytes = 64 * 1024;
constexpr milliseconds kDrainTime{1'000};
constexpr std::size_t kJoinedWrite = 64 * 1024;   // head and body up to this leave in one write
constexpr std::size_t kWritePiece = 1024 * 1024;  // a reader that takes longer than body_time for this much is cut off

Name NameOf(int status) {
  const bool ours = status >= 500 && status != 501 && status != 505;
  return ours ? Name::kInternalServerError : Name::kValidationError;
}

}  // namespace

Connection::Connection(ServerState& state, Channel& channel, Census::Entry& entry, Peer peer)
    : state_(state), channel_(channel), entry_(entry), peer_(std::move(peer)), reader_(channel, state.options) {}

void Connection::Serve() {
  while (ServeOne()) first_ = false;
}

bool Connection::ServeOne() {
  if (!Await()) return false;
  began_ = steady_clock::now();
  std::optional<BodyBudget::Lease> lease(std::in_place, state_.budget);
  auto incoming = reader_.Read(*lease);
  if (!incoming) {
    lease.reset();  // what was read is gone; draining the rest takes a while
    if (incoming.error()) TurnAway(*incoming.error());
    return false;
  }
  Request& request = incoming->request;
  request.id = base::NewId(state_.clock.Now());
  SetClient(request, peer_.address, peer_.tls, state_.proxies);
  Router::Match match = Answer(request);
  const bool keep_alive = incoming->keep_alive && !state_.stopping;
  const int status = match.response.status;
  const bool sent = Send(std::move(match.response), request, keep_alive);
  Note(request, match.pattern, status);
  return sent && keep_alive;
}

bool Connection::Await() {
  entry_.SetIdle(true);
  // Idle first, then the question: either we see the stop, or the stop sees that we are idle and wakes us.
  const auto patience = first_ ? state_.options.head_time : state_.options.idle_time;
  const bool come = !state_.stopping && reader_.Await(steady_clock::now() + patience);
  entry_.SetIdle(false);
  return come;
}

Router::Match Connection::Answer(Request& request) const {
  if (const auto foreign = ForeignTo(state_.options.hosts, request)) {
    return {.response = ToResponse({.status = 403,
                                    .name = Name::kValidationError,
                                    .message = "The " + *foreign + " header does not name this server, which is " +
                                               state_.options.hosts.front() + "."},
                                   request)};
  }
  Router::Match match = state_.router.Dispatch(request);
  if (!match.fault.empty()) {
    state_.log.Error("http_handler_threw", {{"id", request.id}, {"pattern", match.pattern}, {"what", match.fault}});
  }
  return match;
}

bool Connection::Send(Response response, const Request& request, bool keep_alive) {
  AddSecurityHeaders(response, request, {.hsts = state_.options.hsts});
  const bool to_head = request.method == "HEAD";
  std::string bytes = WriteHead(response, {.keep_alive = keep_alive, .to_head = to_head}, state_.clock.Now());
  const std::string_view body = to_head ? std::string_view() : std::string_view(response.body);
  if (body.size() <= kJoinedWrite) {
    bytes += body;
    return Write(bytes);
  }
  return Write(bytes) && Write(body);
}

bool Connection::Write(std::string_view bytes) {
  for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), kWritePiece))) {
    const Deadline deadline = steady_clock::now() + state_.options.body_time;
    if (channel_.Write(bytes.substr(0, kWritePiece), deadline) != Channel::Outcome::kDone) return false;
  }
  return true;
}

void Connection::TurnAway(const Refusal& refusal) {
  Request unread;
  unread.id = base::NewId(state_.clock.Now());
  SetClient(unread, peer_.address, peer_.tls, state_.proxies);
  const Problem problem{.status = refusal.status, .name = NameOf(refusal.status), .message = refusal.message};
  Note(unread, "", refusal.status);
  if (Send(ToResponse(problem, unread), unread, false)) channel_.Drain(kDrainBytes, steady_clock::now() + kDrainTime);
}

void Connection::Note(const Request& request, std::string_view pattern, int status) const {
  const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - began_).count();
  state_.metrics.Count("sealpost_http_requests_total", {{"status", std::to_string(status)}});
  state_.log.Info("http_request", {{"id", request.id},
                                   {"method", request.method},
                                   {"pattern", pattern},
                                   {"status", status},
                                   {"ms", static_cast<std::int64_t>(took)},
                                   {"client", request.client}});
}

}  // namespace sealpost::http
