#include "mailer/delivery/lane.h"

#include <utility>

#include "mailer/classify/classify.h"

namespace sealpost::delivery {
namespace {

using model::SmtpReply;
using model::SmtpStage;
using model::VerdictKind;
using Steady = std::chrono::steady_clock;

const char* OutcomeName(VerdictKind kind) {
  switch (kind) {
    case VerdictKind::kDelivered:
      return "delivered";
    case VerdictKind::kDefer:
      return "deferred";
    case VerdictKind::kBounce:
      return "bounced";
    case VerdictKind::kUncertain:
      return "uncertain";
  }
  return "";
}

// "0.042" as a JSON number, whatever the locale's decimal point is.
base::LogField Seconds(Steady::duration took) {
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
  const std::string fraction = std::to_string(1000 + millis % 1000).substr(1);
  base::LogField field("seconds", std::to_string(millis / 1000) + "." + fraction);
  field.raw = true;
  return field;
}

bool IsAboutTheSite(const model::Verdict& verdict) {
  return verdict.kind == VerdictKind::kDefer && verdict.scope == model::VerdictScope::kSite;
}

// The session was over before the server looked at the message.
bool IsUnspoken(const net::TransactionResult& result) {
  return result.reply.stage == SmtpStage::kMail && (result.reply.code == 0 || result.reply.code == 421);
}

}  // namespace

void Lane::Run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    if (!connection_ && !(permit_ = site_.gate.Enter(stop))) {
      break;
    }
    if (auto first = Take(stop, site_.options.idle)) {
      site_.crew.Begun();
      Work(std::move(*first), stop);
      site_.crew.Ended();
    } else {
      HangUp();
    }
  }
  HangUp();
}

void Lane::Cancel() {
  auto line = line_.Lock();
  line->cut = true;
  if (line->open != nullptr) {
    line->open->Cancel();
  }
}

std::optional<Prepared> Lane::Take(std::stop_token stop, std::chrono::milliseconds wait) {
  while (auto job = site_.desk.Next(stop, wait)) {
    begun_ = Steady::now();
    auto ready = site_.preparer.Prepare(*job);
    if (ready) {
      return std::move(*ready);
    }
    site_.log.Error("preparation_failed", {{"delivery", job->delivery.id}, {"reason", ready.error().text}});
    Conclude(std::move(*job), std::move(ready.error()), false, "", "");
  }
  return std::nullopt;
}

void Lane::Work(Prepared first, std::stop_token stop) {
  std::optional<Prepared> turn(std::move(first));
  while (turn) {
    if (!connection_ && !Dial(*turn, stop)) {
      return;
    }
    // A job is taken ahead only if it would wait for a lane anyway: behind a slow answer it waits for that as well.
    std::optional<Prepared> next;
    if (!stop.stop_requested() && connection_->capabilities().pipelining && site_.crew.AllBusy()) {
      const auto begun = begun_;
      next = Take(stop, std::chrono::milliseconds(0));
      begun_ = begun;
    }
    const bool goes_on = Transact(*turn, next ? &next->envelope : nullptr);
    if (next && !goes_on) {
      site_.desk.GiveBack(std::move(next->job));
      return;
    }
    turn = std::move(next);
    begun_ = Steady::now();
  }
}

// False: the job is dealt with.
bool Lane::Dial(Prepared& turn, std::stop_token stop) {
  auto opened = net::SmtpConnection::Open(site_.options.peer, site_.options.timeouts, stop);
  if (opened) {
    site_.gate.Opened(*permit_);
    connection_ = std::move(*opened);
    dialogue_.emplace(*connection_, site_.options.timeouts);
    reused_ = false;
    site_.metrics.Add("sealpost_smtp_connections", 1, {{"state", "open"}});
    auto line = line_.Lock();
    line->open = connection_.get();
    if (line->cut) {
      connection_->Cancel();
    }
    return true;
  }
  const DialPermit permit = *std::exchange(permit_, std::nullopt);
  if (stop.stop_requested()) {
    site_.gate.Unused(permit);
    site_.desk.GiveBack(std::move(turn.job));
    return false;
  }
  // A server's words may hold the user's name, so only ours are logged.
  const SmtpReply& reply = opened.error();
  const net::SmtpPeer& peer = site_.options.peer;
  site_.log.Warn("site_unreachable", {{"host", peer.host},
                                      {"port", peer.port},
                                      {"stage", model::StageName(reply.stage)},
                                      {"code", reply.code},
                                      {"reason", reply.code == 0 ? reply.text : reply.enhanced}});
  if (site_.gate.Failed(permit)) {
    Conclude(std::move(turn.job), reply, false, peer.host + ":" + std::to_string(peer.port), "");
  } else {
    site_.desk.GiveBack(std::move(turn.job));
  }
  return false;
}

// True if the connection can carry the next transaction.
bool Lane::Transact(Prepared& turn, const net::Envelope* next) {
  const net::TransactionResult result = dialogue_->Send(turn.envelope, turn.signatures, turn.message(), next);
  if (std::exchange(reused_, true) && IsUnspoken(result)) {
    // The server closed a kept connection, which is its right; another one costs the job no attempt.
    site_.desk.GiveBack(std::move(turn.job));
    HangUp();
    return false;
  }
  const model::Verdict verdict =
      Conclude(std::move(turn.job), result.reply, result.uncertain, connection_->host(), connection_->tls());
  if (IsAboutTheSite(verdict)) {
    site_.gate.Troubled(*permit_);
  } else {
    site_.gate.Proven(*permit_);
  }
  if (IsAboutTheSite(verdict) || !result.reusable) {
    HangUp();
    return false;
  }
  return true;
}

model::Verdict Lane::Conclude(model::Job job, SmtpReply reply, bool uncertain, std::string host, std::string tls) {
  const auto took = Steady::now() - begun_;
  const model::Verdict verdict = classify::Classify(reply, uncertain);
  site_.metrics.Observe("sealpost_attempt_seconds", std::chrono::duration<double>(took).count());
  site_.log.Info("delivery_attempt", {{"email", job.delivery.email_id},
                                      {"delivery", job.delivery.id},
                                      {"attempt", job.delivery.attempts},
                                      {"outcome", OutcomeName(verdict.kind)},
                                      {"reason", verdict.reason},
                                      {"code", reply.code},
                                      {"host", host},
                                      {"tls", tls},
                                      Seconds(took)});
  site_.desk.Done(std::move(job), {verdict, std::move(reply), std::move(host), std::move(tls)});
  return verdict;
}

void Lane::HangUp() {
  if (connection_) {
    // What was announced is not to be sent: the server must not wait for it politely.
    if (!dialogue_->HasAnnounced()) {
      connection_->Quit();
    }
    line_.Lock()->open = nullptr;
    dialogue_.reset();
    connection_.reset();
    site_.metrics.Add("sealpost_smtp_connections", -1, {{"state", "open"}});
    site_.gate.Closed(*permit_);
  } else if (permit_) {
    site_.gate.Unused(*permit_);
  }
  permit_.reset();
}

}  // namespace sealpost::delivery
