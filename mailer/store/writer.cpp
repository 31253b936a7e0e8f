#include "mailer/store/writer.h"

#include <algorithm>
#include <string>
#include <utility>

#include "mailer/base/threads.h"

namespace sealpost::store {

using base::ErrorKind;
using base::Fail;
using base::Result;

namespace {

constexpr std::chrono::milliseconds kProbeInterval{250};
// More than most messages need: a full disk has room for a page or two again and again.
constexpr std::size_t kProbeSize = 128 * 1024;

}  // namespace

Writer::Writer(std::unique_ptr<Session> session, std::chrono::milliseconds commit_wait, std::size_t commit_size,
               base::Log& log)
    : commit_wait_(commit_wait),
      commit_size_(std::max<std::size_t>(commit_size, 1)),
      log_(log),
      session_(std::move(session)),
      checkpointer_(*session_),
      thread_(base::StartThread("store-writer", log, [this](std::stop_token stop) { Run(std::move(stop)); })) {}

Writer::~Writer() {
  thread_.request_stop();
  thread_.join();
  checkpointer_.Finish();
}

void Writer::Post(Database::Work work, Done done) {
  std::size_t count = 0;
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back({std::move(work), std::move(done), std::chrono::steady_clock::now()});
    count = waiting_.size();
  }
  // The pieces in between change nothing for the writer: it is awake, or waits for its moment.
  if (count == 1 || count == commit_size_) arrived_.notify_one();
}

void Writer::Run(std::stop_token stop) {
  while (true) {
    std::vector<Piece> batch = Gather(stop);
    if (batch.empty() && stop.stop_requested()) return;
    Process(batch);
    checkpointer_.RunIfDue();
  }
}

std::vector<Writer::Piece> Writer::Gather(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  const auto any = [this] { return !waiting_.empty(); };
  if (writable_) {
    arrived_.wait(lock, stop, any);
  } else {
    arrived_.wait_for(lock, stop, kProbeInterval, any);
  }
  // Counted from the first arrival: work that came during the former commit has waited long enough already.
  if (!waiting_.empty()) {
    arrived_.wait_until(lock, stop, waiting_.front().since + commit_wait_,
                        [this] { return waiting_.size() >= commit_size_; });
  }
  return std::exchange(waiting_, {});
}

void Writer::Process(std::vector<Piece>& batch) {
  const Result<void> committed = RunTransaction(batch);
  if (!committed) {
    session_->Rollback();
    for (Piece& piece : batch) piece.result = committed;
  } else {
    ++commits_;
    committed_ += batch.size();
  }
  SetWritable(committed.has_value());
  for (Piece& piece : batch) {
    piece.work = nullptr;  // what it holds may be large, and others wait for their answers
    piece.done(std::move(piece.result));
  }
}

Result<void> Writer::RunTransaction(std::vector<Piece>& batch) {
  const auto lost = [](base::Error& error) {
    return Fail(ErrorKind::kUnavailable, "the store could not save this, try again later: " + error.message);
  };
  if (auto begun = session_->Begin(); !begun) return lost(begun.error());
  // Work that writes nothing commits on any disk; only a write that is committed shows that the disk is back.
  if (!writable_) {
    const std::string content(kProbeSize, '\0');
    auto probed = session_->Execute("UPDATE probe SET content = $1 WHERE id = 1", {Blob{content}});
    if (!probed) return lost(probed.error());
  }
  for (Piece& piece : batch) {
    if (auto kept = RunPiece(piece); !kept) return lost(kept.error());
  }
  if (auto done = session_->Commit(); !done) return lost(done.error());
  return {};
}

// The piece's own error stays in the piece; the error returned is the transaction's.
Result<void> Writer::RunPiece(Piece& piece) {
  if (auto set = session_->SetSavepoint(); !set) return set;
  piece.result = RunWork(piece.work, *session_, log_);
  if (piece.result) return session_->KeepSavepoint();
  // No savepoint to go back to: the piece met a disk error on which SQLite gave the whole transaction up.
  if (!session_->UndoSavepoint()) return piece.result;
  return {};
}

void Writer::SetWritable(bool writable) {
  if (writable_.exchange(writable) == writable) return;
  if (writable) {
    log_.Info("store_writable_again");
  } else {
    log_.Error("store_not_writable");
  }
}

}  // namespace sealpost::store
