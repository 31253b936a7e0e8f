#include "mailer/domains/state_json.h"

#include <memory>
#include <utility>

#include "mailer/base/json.h"
#include "mailer/domains/report_json.h"
#include "mailer/domains/report_reader.h"

namespace sealpost::domains {

namespace {

void WriteFindings(const std::vector<FindingChange>& findings, base::JsonWriter& writer) {
  writer.BeginArray();
  for (const FindingChange& finding : findings) {
    writer.BeginObject().Key("id").String(finding.id).Key("name").String(finding.name);
    writer.Key("was").String(dns::VerdictName(finding.was));
    writer.Key("verdict").String(dns::VerdictName(finding.verdict)).EndObject();
  }
  writer.EndArray();
}

void WriteChange(const VerdictChange& change, base::JsonWriter& writer) {
  writer.BeginObject().Key("at").String(base::ToRfc3339(change.at));
  writer.Key("was").StringOrNull(change.was ? dns::OutcomeName(*change.was) : "");
  writer.Key("verdict").String(dns::OutcomeName(change.verdict)).Key("findings");
  WriteFindings(change.findings, writer);
  writer.EndObject();
}

}  // namespace

std::string StateJson(const DomainState& state, const std::vector<VerdictChange>& history) {
  base::JsonWriter writer;
  writer.BeginObject().Key("checked_at").String(base::ToRfc3339(state.checked_at));
  writer.Key("since").String(base::ToRfc3339(OutcomeSince(state))).Key("last_known");
  if (state.known) {
    writer.BeginObject().Key("verdict").String(dns::OutcomeName(state.known->outcome));
    writer.Key("checked_at").String(base::ToRfc3339(state.known_at)).EndObject();
  } else {
    writer.Null();
  }
  writer.Key("failing_since").StringOrNull(state.failing_since ? base::ToRfc3339(*state.failing_since) : "");
  writer.Key("history").BeginArray();
  for (const VerdictChange& change : history) WriteChange(change, writer);
  const std::string more = writer.EndArray().EndObject().Take();
  std::string json = ReportJson(*state.report);
  json.back() = ',';
  return json.append(more, 1);
}

store::DomainCheck ToRow(const std::string& domain, const DomainState& state) {
  store::DomainCheck row;
  row.domain = domain;
  row.checked_at = state.checked_at;
  if (state.known) row.known_at = state.known_at;
  row.verdict = state.verdict ? dns::OutcomeName(*state.verdict) : "";
  row.since = state.since;
  row.failing_since = state.failing_since;
  base::JsonWriter writer;
  writer.BeginObject();
  for (const auto& [name, record] : state.seen_keys) writer.Key(name).String(record);
  row.seen_keys = writer.EndObject().Take();
  row.report = ReportJson(*state.report);
  if (state.known && state.known != state.report) row.known_report = ReportJson(*state.known);
  return row;
}

base::Result<DomainState> FromRow(const store::DomainCheck& row) {
  DomainState state;
  auto report = ReadReport(row.report);
  if (!report) return std::unexpected(std::move(report.error()));
  state.report = std::make_shared<const dns::Report>(std::move(*report));
  state.checked_at = row.checked_at;
  if (row.known_at) {
    state.known = state.report;
    state.known_at = *row.known_at;
    if (!row.known_report.empty()) {
      auto known = ReadReport(row.known_report);
      if (!known) return std::unexpected(std::move(known.error()));
      state.known = std::make_shared<const dns::Report>(std::move(*known));
    }
  }
  if (!row.verdict.empty()) state.verdict = ReadOutcome(row.verdict);
  state.since = row.since;
  state.failing_since = row.failing_since;
  const auto seen = base::JsonDocument::Parse(row.seen_keys);
  if (!seen) return std::unexpected(seen.error());
  seen->Root().ForEachMember([&](std::string_view name, base::JsonView record) {
    state.seen_keys.emplace(name, record.String().value_or(""));
    return true;
  });
  return state;
}

store::DomainChange ToRow(const std::string& domain, const VerdictChange& change) {
  base::JsonWriter writer;
  WriteFindings(change.findings, writer);
  return {domain, change.at, std::string(change.was ? dns::OutcomeName(*change.was) : ""),
          std::string(dns::OutcomeName(change.verdict)), writer.Take()};
}

VerdictChange FromRow(const store::DomainChange& row) {
  VerdictChange change;
  change.at = row.at;
  if (!row.was.empty()) change.was = ReadOutcome(row.was);
  change.verdict = ReadOutcome(row.verdict);
  const auto findings = base::JsonDocument::Parse(row.findings);
  if (!findings) return change;
  findings->Root().ForEachElement([&](std::size_t, base::JsonView view) {
    const auto text = [&](std::string_view member) { return view[member].String().value_or(""); };
    change.findings.push_back(
        {std::string(text("id")), std::string(text("name")), ReadVerdict(text("was")), ReadVerdict(text("verdict"))});
    return true;
  });
  return change;
}

}  // namespace sealpost::domains
