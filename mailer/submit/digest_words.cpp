#include "mailer/submit/digest_words.h"

#include <algorithm>
#include <utility>

#include "mailer/model/utf8.h"
#include "mailer/submit/embedded.h"

namespace sealpost::submit {

namespace {

std::string Minute(base::Time at) {
  const std::string text = base::ToRfc3339(at);
  return text.substr(0, 10) + " " + text.substr(11, 5);
}

bool IsShown(const model::CodePoint& character) {
  return character.length != 0 && !model::IsControl(character.value) && !model::IsBidiControl(character.value);
}

}  // namespace

std::shared_ptr<const ParsedTemplate> DigestTemplate() {
  static const std::shared_ptr<const ParsedTemplate> kTemplate = [] {
    model::TemplateVersion version;
    version.subject = "{{count}} notifications";
    version.text = kDigestTxt;
    version.html = kDigestHtml;
    return ParseTemplate("", version).value();
  }();
  return kTemplate;
}

std::string DigestLine(std::string_view subject) {
  std::string line;
  for (std::size_t characters = 0; !subject.empty();) {
    const model::CodePoint next = model::FirstCodePoint(subject);
    const std::string_view bytes = subject.substr(0, std::max<std::size_t>(next.length, 1));
    subject.remove_prefix(bytes.size());
    const bool is_space = bytes.find_first_of(" \t\r\n") == 0;
    if (is_space && (line.empty() || line.back() == ' ')) continue;
    if (!is_space && !IsShown(next)) continue;
    if (characters++ == kDigestSubjectAtMost) {
      line += "...";
      break;
    }
    line += is_space ? " " : bytes;
  }
  while (line.ends_with(' ')) line.pop_back();
  return line.empty() ? "(no subject)" : line;
}

templates::Object DigestWords(const std::vector<Held>& held, const std::string& topic) {
  templates::List lines;
  for (const Held& each : held) {
    if (lines.size() == kDigestLines) break;
    templates::Object line;
    line["time"].data = Minute(each.at);
    line["subject"].data = DigestLine(each.subject);
    lines.emplace_back().data = std::move(line);
  }
  templates::Object words;
  words["count"].data = std::to_string(held.size());
  if (held.size() > lines.size()) words["more"].data = std::to_string(held.size() - lines.size());
  if (!topic.empty()) words["topic"].data = DigestLine(topic);
  words["lines"].data = std::move(lines);
  return words;
}

}  // namespace sealpost::submit
