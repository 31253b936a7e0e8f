// The report as an operator reads it on a terminal.
#include <algorithm>
#include <map>
#include <utility>

#include "dns/name.h"
#include "dns/report.h"
#include "dns/wire.h"

namespace sealpost::dns {
namespace {

enum class Ink { kPlain, kBold, kDim, kRed, kYellow, kMagenta, kGreen };

constexpr std::size_t kNarrowest = 40;
constexpr std::size_t kTxtString = 255;
constexpr std::string_view kMargin = "      ";
constexpr std::size_t kLabel = 9;  // "publish" and two blanks

std::string Code(Ink ink) {
  switch (ink) {
    case Ink::kPlain:
      return "0";
    case Ink::kBold:
      return "1";
    case Ink::kDim:
      return "2";
    case Ink::kRed:
      return "1;31";
    case Ink::kYellow:
      return "1;33";
    case Ink::kMagenta:
      return "1;35";
    case Ink::kGreen:
      return "1;32";
  }
  return "0";
}

std::string Escape(std::string_view text) {
  std::string shown;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      shown += c;
      continue;
    }
    const std::string digits = std::to_string(byte);
    shown += "\\" + std::string(3 - digits.size(), '0') + digits;
  }
  return shown;
}

// What is on a page is there to be read; the whole record is in the JSON.
std::string Cut(std::string text) {
  constexpr std::size_t kMost = 2'000;
  if (text.size() <= kMost) return text;
  const std::string all = std::to_string(text.size());
  text.resize(kMost);
  return text + " ... (cut, of " + all + " characters)";
}

std::size_t Columns(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

// The U-labels of a name, if they lead back to it: then they hold nothing but letters that IDNA allows.
std::string Unicode(const std::string& name) {
  const std::string typed = ToUnicode(name);
  if (typed == name) return "";
  const auto back = ToAscii(typed);
  return back && SameName(*back, name) ? typed : "";
}

std::string ReadableName(const std::string& name) {
  const std::string unicode = Unicode(name);
  return unicode.empty() ? Escape(name) : unicode + " (" + Escape(name) + ")";
}

// Behind one another, as words that do not fit move to the next line; `indent` stands before all lines but the first.
std::string Wrapped(const std::string& text, std::size_t used, std::size_t indent, std::size_t width) {
  std::string lines;
  std::size_t column = used;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    at = end + 1;
    if (word.empty()) continue;
    const bool first = column == indent || lines.empty();
    if (!first && column + 1 + Columns(word) > width) {
      lines += "\n" + std::string(indent, ' ') + word;
      column = indent + Columns(word);
      continue;
    }
    lines += (first ? "" : " ") + word;
    column += Columns(word) + (first ? 0 : 1);
  }
  return lines;
}

// As a line of a zone file.
std::string Publishable(const Fix& fix) {
  const std::string head = Escape(fix.name) + ". IN " + fix.type + " ";
  if (fix.type != "TXT") return head + Escape(fix.value);
  Txt txt;
  for (std::size_t at = 0; at < fix.value.size() || at == 0; at += kTxtString)
    txt.strings.push_back(fix.value.substr(at, kTxtString));
  return head + Presentation({.name = fix.name, .type = Type::kTxt, .ttl = 0, .data = std::move(txt)});
}

class Page {
 public:
  Page(const Report& report, const TextOptions& options)
      : report_(report), options_(options), width_(std::max(options.width, kNarrowest)) {
    unicode_ = Unicode(report.domain);
    for (const Finding& finding : report.findings)
      if (options.all || finding.verdict > Verdict::kInfo) id_width_ = std::max(id_width_, finding.id.size());
  }

  std::string Text() {
    Headline();
    Section("FAILS", Verdict::kFail, Ink::kRed);
    Section("COULD NOT TELL", Verdict::kUnknown, Ink::kMagenta);
    Section("WARNINGS", Verdict::kWarn, Ink::kYellow);
    if (options_.all) {
      Brief("NOTES", Verdict::kInfo, Ink::kBold);
      Brief("PASSED", Verdict::kPass, Ink::kGreen);
    } else {
      Counts();
    }
    return std::move(text_);
  }

 private:
  std::string Inked(Ink ink, const std::string& text) const {
    return options_.colour && ink != Ink::kPlain ? "\x1b[" + Code(ink) + "m" + text + "\x1b[0m" : text;
  }

  // Prose may name the domain in U-labels, which have been looked at; all else outside ASCII is escaped.
  std::string Prose(const std::string& text) const {
    if (unicode_.empty()) return Escape(text);
    std::string shown;
    std::size_t at = 0;
    for (std::size_t found = text.find(unicode_); found != std::string::npos; found = text.find(unicode_, at)) {
      shown += Escape(text.substr(at, found - at)) + unicode_;
      at = found + unicode_.size();
    }
    return shown + Escape(text.substr(at));
  }

  std::vector<const Finding*> Of(Verdict verdict) const {
    std::vector<const Finding*> found;
    for (const Finding& finding : report_.findings)
      if (finding.verdict == verdict) found.push_back(&finding);
    return found;
  }

  void Headline() {
    const std::string name = ReadableName(report_.domain) + ": ";
    constexpr std::size_t kIndent = 2;
    if (report_.outcome == Outcome::kYes) {
      text_ += Inked(Ink::kBold, name) + Inked(Ink::kGreen, "YES") + ", mail can be sent at quarantine\n";
      if (!report_.reason.empty()) text_ += "  " + Wrapped(Prose(report_.reason), kIndent, kIndent, width_) + "\n";
      return;
    }
    const bool no = report_.outcome == Outcome::kNo;
    const std::string word = no ? "NO" : "COULD NOT TELL";
    const std::size_t used = Columns(name) + word.size() + 2;
    text_ += Inked(Ink::kBold, name) + Inked(no ? Ink::kRed : Ink::kMagenta, word) + ": " +
             Wrapped(Prose(report_.reason), used, kIndent, width_) + "\n";
  }

  void Title(std::string_view title, std::size_t count, Ink ink, const std::string& more = "") {
    text_ += "\n" + Inked(ink, std::string(title)) + " " + Inked(Ink::kDim, std::to_string(count) + more) + "\n";
  }

  std::string Label(std::string_view label) const {
    return std::string(kMargin) + Inked(Ink::kDim, std::string(label)) + std::string(kLabel - label.size(), ' ');
  }
  void Line(std::string_view label, const std::string& prose) {
    const std::size_t indent = kMargin.size() + kLabel;
    text_ += Label(label) + Wrapped(prose, indent, indent, width_) + "\n";
  }
  // Never wrapped: it is there to be compared or copied.
  void Verbatim(std::string_view label, const std::string& line) { text_ += Label(label) + line + "\n"; }

  void Section(std::string_view title, Verdict verdict, Ink ink) {
    const auto findings = Of(verdict);
    if (findings.empty()) return;
    const auto decide =
        std::ranges::count_if(findings, [](const Finding* finding) { return finding->severity == Severity::kError; });
    const bool some = verdict == Verdict::kUnknown && decide > 0 && std::cmp_less(decide, findings.size());
    Title(title, findings.size(), ink, some ? ", of which " + std::to_string(decide) + " decide" : "");
    bool first = true;
    for (const Finding* finding : findings) {
      if (!std::exchange(first, false)) text_ += "\n";
      Whole(*finding, ink);
    }
  }

  void Whole(const Finding& finding, Ink ink) {
    text_ += "  " + Inked(ink, finding.id) + std::string(id_width_ - finding.id.size() + 2, ' ') +
             Inked(Ink::kBold, ReadableName(finding.name)) + "\n";
    if (!finding.detail.empty())
      text_ += std::string(kMargin) + Wrapped(Prose(finding.detail), kMargin.size(), kMargin.size(), width_) + "\n";
    std::string_view label = "found";
    for (const std::string& record : finding.records) Verbatim(std::exchange(label, ""), Cut(Escape(record)));
    if (!finding.rule.empty()) Line("rule", Escape(finding.rule) + " (" + Source(finding) + ")");
    if (!finding.remedy.empty()) Line("do", Prose(finding.remedy));
    if (finding.fix) Publish(finding);
  }

  static std::string Source(const Finding& finding) {
    if (!finding.ours) return Escape(finding.source);
    return finding.source == "Sealpost" ? "our own bar" : Escape(finding.source) + "; the bar is our own";
  }

  // Several findings about one record are mended by one record.
  void Publish(const Finding& finding) {
    const std::string line = Publishable(*finding.fix);
    const auto [place, fresh] = published_.emplace(line, finding.id);
    Verbatim("publish", fresh ? Inked(Ink::kBold, line) : "as under " + place->second);
  }

  void Brief(std::string_view title, Verdict verdict, Ink ink) {
    const auto findings = Of(verdict);
    if (findings.empty()) return;
    Title(title, findings.size(), ink);
    const std::size_t indent = id_width_ + 4;
    for (const Finding* finding : findings) {
      const std::string gap(id_width_ - finding->id.size() + 2, ' ');
      const std::string prose =
          ReadableName(finding->name) + (finding->detail.empty() ? "" : ": " + Prose(finding->detail));
      text_ += "  " + Inked(ink, finding->id) + gap + Wrapped(prose, indent, indent, width_) + "\n";
      if (verdict != Verdict::kInfo) continue;
      for (const std::string& record : finding->records) text_ += std::string(indent, ' ') + Cut(Escape(record)) + "\n";
    }
  }

  void Counts() {
    const std::size_t passed = Of(Verdict::kPass).size();
    const std::size_t notes = Of(Verdict::kInfo).size();
    if (passed + notes == 0) return;
    text_ += "\n" +
             Inked(Ink::kDim, std::to_string(passed) + " passed, " + std::to_string(notes) +
                                  (notes == 1 ? " note" : " notes") + "; --all lists them") +
             "\n";
  }

  const Report& report_;
  const TextOptions& options_;
  const std::size_t width_;
  std::size_t id_width_ = 0;
  std::string unicode_;  // of the domain, empty if it is ASCII
  std::map<std::string, std::string> published_;
  std::string text_;
};

}  // namespace

std::string RenderText(const Report& report, const TextOptions& options) {
  return Page(report, options).Text();
}

}  // namespace sealpost::dns
