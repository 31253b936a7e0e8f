#include "mailer/domains/report_json.h"

namespace sealpost::domains {

namespace {

void WriteFinding(const dns::Finding& finding, base::JsonWriter& writer) {
  writer.BeginObject();
  writer.Key("id").String(finding.id);
  writer.Key("verdict").String(dns::VerdictName(finding.verdict));
  writer.Key("severity").String(dns::SeverityName(finding.severity));
  writer.Key("name").String(finding.name);
  writer.Key("records").BeginArray();
  for (const std::string& record : finding.records) writer.String(record);
  writer.EndArray();
  writer.Key("detail").String(finding.detail);
  writer.Key("rule").String(finding.rule);
  writer.Key("source").String(finding.source);
  writer.Key("ours").Bool(finding.ours);
  writer.Key("fix");
  if (finding.fix) {
    writer.BeginObject().Key("name").String(finding.fix->name).Key("type").String(finding.fix->type);
    writer.Key("value").String(finding.fix->value).EndObject();
  } else {
    writer.Null();
  }
  writer.Key("remedy").String(finding.remedy).EndObject();
}

}  // namespace

void WriteReport(const dns::Report& report, base::JsonWriter& writer) {
  writer.BeginObject().Key("schema").Integer(1).Key("domain").String(report.domain);
  writer.Key("verdict").String(dns::OutcomeName(report.outcome)).Key("reason").String(report.reason);
  writer.Key("findings").BeginArray();
  for (const dns::Finding& finding : report.findings) WriteFinding(finding, writer);
  writer.EndArray().EndObject();
}

std::string ReportJson(const dns::Report& report) {
  base::JsonWriter writer;
  WriteReport(report, writer);
  return writer.Take();
}

}  // namespace sealpost::domains
