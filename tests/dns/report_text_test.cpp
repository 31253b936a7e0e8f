#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

#include "dns/report.h"

namespace sealpost::tests {
namespace {

using dns::Finding;
using dns::Fix;
using dns::Outcome;
using dns::RenderText;
using dns::Report;
using dns::TextOptions;
using dns::Verdict;

Finding Weak() {
  Finding finding;
  finding.id = "DMARC-POLICY";
  finding.verdict = Verdict::kFail;
  finding.name = "_dmarc.example.com";
  finding.records = {"\"v=DMARC1; p=none\""};
  finding.detail = "p=none decides.";
  finding.rule = "The policy is quarantine or reject.";
  finding.source = "Sealpost";
  finding.ours = true;
  finding.remedy = "Raise it.";
  finding.fix = Fix{"_dmarc.example.com", "TXT", "v=DMARC1; p=quarantine"};
  return finding;
}

Finding Brief(const std::string& id, Verdict verdict) {
  Finding finding;
  finding.id = id;
  finding.verdict = verdict;
  finding.name = "example.com";
  finding.detail = "All is well.";
  return finding;
}

Report TextReport(std::vector<Finding> findings, Outcome outcome = Outcome::kNo) {
  return {"example.com", outcome, "DMARC-POLICY: p=none decides.", std::move(findings)};
}

std::size_t LongestLine(const std::string& text) {
  std::istringstream in(text);
  std::size_t longest = 0;
  for (std::string line; std::getline(in, line);) longest = std::max(longest, line.size());
  return longest;
}

}  // namespace

TEST_CASE("a fault is told whole: verdict first, then what, where, why, and the line to publish") {
  CHECK(RenderText(TextReport({Weak(), Brief("SPF-NONE", Verdict::kPass), Brief("TTL", Verdict::kInfo)}), {}) ==
        R"(example.com: NO: DMARC-POLICY: p=none decides.

FAILS 1
  DMARC-POLICY  _dmarc.example.com
      p=none decides.
      found    "v=DMARC1; p=none"
      rule     The policy is quarantine or reject. (our own bar)
      do       Raise it.
      publish  _dmarc.example.com. IN TXT "v=DMARC1; p=quarantine"

1 passed, 1 note; --all lists them
)");
}

TEST_CASE("the verdict line says yes, no or could not tell") {
  CHECK(
      RenderText(TextReport({}, Outcome::kYes), {}).starts_with("example.com: YES, mail can be sent at quarantine\n"));
  CHECK(RenderText(TextReport({}, Outcome::kUnknown), {}).starts_with("example.com: COULD NOT TELL: "));
}

TEST_CASE("passes and notes are listed on request, in columns") {
  const auto text =
      RenderText(TextReport({Brief("SPF-NONE", Verdict::kPass), Brief("TTL", Verdict::kInfo)}), {.all = true});
  CHECK(text.contains("NOTES 1\n  TTL       example.com: All is well.\n"));
  CHECK(text.contains("PASSED 1\n  SPF-NONE  example.com: All is well.\n"));
}

TEST_CASE("faults, unknowns and warnings stand in this order") {
  const auto text = RenderText(
      TextReport({Brief("A", Verdict::kWarn), Brief("B", Verdict::kUnknown), Brief("C", Verdict::kFail)}), {});
  CHECK(text.find("FAILS") < text.find("COULD NOT TELL"));
  CHECK(text.find("COULD NOT TELL") < text.find("WARNINGS"));
}

TEST_CASE("control characters and bytes outside ASCII never reach the terminal") {
  Finding evil = Weak();
  evil.detail = "\x1b[2J\r\n\x9b\xc3\xa4\x7f";
  evil.name = "\x1b]0;x";
  evil.records = {"\x07"};
  evil.remedy = "\x08";
  evil.fix->value = "\x1b\"\\\xff";
  Report report = TextReport({evil});
  report.domain = "\x1b.example";
  report.reason = "\x1b[1m";
  for (const bool all : {false, true}) {
    const auto text = RenderText(report, {.all = all});
    CHECK(std::ranges::all_of(text, [](char c) { return c == '\n' || (c >= 0x20 && c < 0x7f); }));
    CHECK(text.contains("\\027[2J\\013\\010\\155\\195\\164\\127"));
    CHECK(text.contains(R"(IN TXT "\027\"\\\255")"));
  }
}

TEST_CASE("colour comes only if asked for") {
  CHECK(RenderText(TextReport({Weak()}), {}).find('\x1b') == std::string::npos);
  CHECK(RenderText(TextReport({Weak()}), {.colour = true}).contains("\x1b[1;31mDMARC-POLICY\x1b[0m"));
}

TEST_CASE("prose is wrapped at the width, records and lines to publish never") {
  Finding finding = Weak();
  finding.records.clear();
  finding.fix.reset();
  for (int i = 0; i < 60; ++i) finding.detail += " word";
  finding.rule = finding.remedy = finding.detail;
  CHECK(LongestLine(RenderText(TextReport({finding}), {.width = 60})) <= 60);
  CHECK(LongestLine(RenderText(TextReport({finding}), {.all = true, .width = 0})) <= 40);
  finding.records = {std::string(300, 'x')};
  CHECK(RenderText(TextReport({finding}), {.width = 60}).contains(std::string(300, 'x')));
}

TEST_CASE("a long record is published in strings of 255 bytes") {
  Finding finding = Weak();
  finding.fix->value = std::string(300, 'k');
  CHECK(RenderText(TextReport({finding}), {})
            .contains("IN TXT \"" + std::string(255, 'k') + "\" \"" + std::string(45, 'k') + "\""));
}

TEST_CASE("a record that mends two findings is shown once") {
  Finding second = Weak();
  second.id = "DMARC-TEST";
  const auto text = RenderText(TextReport({Weak(), second}), {});
  CHECK(text.contains("publish  as under DMARC-POLICY\n"));
}

TEST_CASE("other records are published as they are, beside a remedy") {
  Finding finding = Weak();
  finding.fix = Fix{"mail.example.com", "A", "192.0.2.1"};
  CHECK(RenderText(TextReport({finding}), {}).contains("publish  mail.example.com. IN A 192.0.2.1\n"));
}

TEST_CASE("an internationalized name is shown both ways, in prose too") {
  Report report = TextReport({Weak()});
  report.domain = "xn--bcher-kva.example";
  report.findings[0].detail =
      "It is b\xc3\xbc"
      "cher.example to people, not b\xc3\xbc.";
  const auto text = RenderText(report, {});
  CHECK(
      text.starts_with("b\xc3\xbc"
                       "cher.example (xn--bcher-kva.example): NO"));
  CHECK(
      text.contains("It is b\xc3\xbc"
                    "cher.example to people, not b\\195\\188."));
}

TEST_CASE("of what could not be told it is said how much decides") {
  Finding brief = Brief("STS-TXT", Verdict::kUnknown);
  brief.severity = dns::Severity::kWarning;
  const std::string text =
      RenderText(TextReport({Brief("SPF-TEMP", Verdict::kUnknown), Brief("DKIM-NONE", Verdict::kUnknown), brief},
                            Outcome::kUnknown),
                 {});
  CHECK(text.contains("COULD NOT TELL 3, of which 2 decide\n"));
}

TEST_CASE("a record too long to read is cut, and its length given") {
  Finding flood = Weak();
  flood.records = {std::string(4'000, 'x')};
  const std::string text = RenderText(TextReport({flood}), {});
  CHECK(text.size() < 3'500);
  CHECK(text.contains("xxx ... (cut, of 4000 characters)\n"));
}

}  // namespace sealpost::tests
