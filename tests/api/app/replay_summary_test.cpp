#include "api/app/replay_summary.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace sealpost;
using ratelimit::Answer;
using ratelimit::Category;

namespace {

constexpr std::int64_t kHour = 3'600'000;

struct History {
  ratelimit::Trace trace;
  std::vector<ratelimit::Replayed> answers;

  void Add(std::int64_t at, Answer answer, Category category = Category::kOtp, const std::string& local = "ann") {
    trace.push_back(
        {.line = trace.size() + 1, .at = at, .local = local, .domain = "example.org", .category = category});
    answers.push_back({.answer = answer, .rule = answer == Answer::kAccepted ? "" : "otp-mailbox-1h"});
  }
  std::string Text() const { return app::SummarizeReplay({}, trace, answers); }
};

bool Has(const std::string& text, const std::string& part) {
  CAPTURE(text);
  CAPTURE(part);
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a summary counts by category and names the rule that stopped most") {
  History history;
  for (int i = 0; i < 3; ++i) history.Add(i, Answer::kAccepted);
  for (int i = 0; i < 40; ++i) history.Add(10 + i, Answer::kDenied);
  history.Add(99, Answer::kAccepted, Category::kReceipt);
  const std::string text = history.Text();
  CHECK(Has(text, "category  asked  accepted  denied  stopped most by\n"));
  CHECK(Has(text, "otp       43     3         40      otp-mailbox-1h\n"));
  CHECK(Has(text, "(all)     44     4         40"));
  CHECK(Has(text, "mailbox, asked for by strangers      3  ann@example.org"));
  CHECK(Has(text, "mailbox, of everything               4  ann@example.org"));
  CHECK(Has(text, "6/1h, 10/1d while a mailbox is unconfirmed, 8/1h, 20/1d once it is confirmed"));
}

TEST_CASE("the flood is drawn against what came through") {
  History history;
  for (int i = 0; i < 99; ++i) history.Add(i, Answer::kDenied);
  history.Add(100, Answer::kAccepted);
  history.Add(kHour, Answer::kAccepted);
  const std::string text = history.Text();
  CHECK(Has(text, "Most was asked for ann@example.org:\n"));
  CHECK(Has(text, "0     100    1         #" + std::string(49, '.') + "\n"));
  CHECK(Has(text, "1     1      1         #\n"));
}

TEST_CASE("where nobody was flooded nothing is drawn") {
  History history;
  for (int i = 0; i < 19; ++i) history.Add(i, Answer::kDenied);
  CHECK_FALSE(Has(history.Text(), "Most was asked for"));
}

TEST_CASE("a long flood is drawn by days, and not without end") {
  History history;
  for (int hour = 0; hour < 2'000; ++hour) history.Add(hour * kHour, Answer::kAccepted);
  const std::string text = history.Text();
  CHECK(Has(text, "from hour  asked"));
  CHECK(Has(text, "\n24         24"));
  CHECK(std::ranges::count(text, '\n') < 70);
}

TEST_CASE("those who waited are told of, where the trace marks them") {
  History history;
  history.Add(0, Answer::kAccepted);
  CHECK_FALSE(Has(history.Text(), "legitimate"));
  history.trace.back().legitimate = true;
  history.Add(1, Answer::kDenied);
  history.trace.back().legitimate = true;
  CHECK(Has(history.Text(), "Of 2 requests marked legitimate 1 were served."));
}

TEST_CASE("an address does not drive the terminal") {
  History history;
  history.Add(0, Answer::kAccepted, Category::kOtp, "\x1b[2J");
  CHECK_FALSE(Has(history.Text(), "\x1b"));
}

TEST_CASE("an empty trace is told as such") {
  CHECK(History().Text() == "The trace has no request.\n");
}
