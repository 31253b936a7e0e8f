#include "mailer/submit/content.h"

#include <utility>

#include "mailer/base/crypto.h"
#include "mailer/base/token.h"
#include "mailer/submit/refuse.h"
#include "mailer/submit/template_data.h"
#include "templates/text_alternative.h"

namespace sealpost::submit {

namespace {

constexpr std::string_view kUnsubscribeUrl = "UNSUBSCRIBE_URL";

struct Words {
  std::string subject, text, html;
};

bool HasType(const templates::Value& value, const std::string& type) {
  if (std::holds_alternative<std::monostate>(value.data)) return true;  // no value: a matter of being missing
  if (type == "list") return std::holds_alternative<templates::List>(value.data);
  if (type == "object") return std::holds_alternative<templates::Object>(value.data);
  if (type == "boolean") return std::holds_alternative<bool>(value.data);
  const auto* text = std::get_if<std::string>(&value.data);
  if (text == nullptr) return false;
  if (type != "number") return true;
  return !text->empty() && text->find_first_not_of("0123456789+-.eE") == std::string::npos;
}

// The values given, the fallbacks of what was not given, and the unsubscribe link.
std::expected<templates::Object, Refusal> Data(SendRequest& request, const ParsedTemplate& parsed,
                                               const std::string& unsubscribe_url) {
  templates::Object data = std::move(request.template_use->variables);
  // It goes into html unescaped, so it is ours alone.
  if (data.contains(kUnsubscribeUrl)) {
    return Refuse("The template variable `UNSUBSCRIBE_URL` is set by the service: name a `topic_id` and leave it out.",
                  "/template/variables/UNSUBSCRIBE_URL");
  }
  for (const model::TemplateVariable& variable : parsed.version.variables) {
    const auto given = data.find(variable.key);
    const bool missing = given == data.end() || std::holds_alternative<std::monostate>(given->second.data);
    if (missing && !variable.fallback.empty()) {
      const auto fallback = base::JsonDocument::Parse(variable.fallback);
      if (fallback) data[variable.key] = ToValue(fallback->Root());
    } else if (!missing && !HasType(given->second, variable.type)) {
      return Refuse("The template variable `" + variable.key + "` is declared as " + variable.type + ".",
                    "/template/variables/" + variable.key);
    }
  }
  if (!unsubscribe_url.empty()) data.emplace(kUnsubscribeUrl, templates::Value{unsubscribe_url});
  return data;
}

std::expected<std::string, Refusal> RenderPart(const char* part, const templates::Template& source,
                                               const templates::Object& data, templates::Kind kind,
                                               const std::set<std::string, std::less<>>& raw) {
  auto rendered = source.Render(data, kind, raw);
  if (rendered) return std::move(*rendered);
  const templates::TemplateError& error = rendered.error();
  std::string message = "The " + std::string(part) + " of the template: " + error.message;
  if (error.line != 0) message += " at line " + std::to_string(error.line) + ", column " + std::to_string(error.column);
  if (error.variable == kUnsubscribeUrl) message += "; it has one when the message names a `topic_id`";
  return Refuse(message + ".", error.variable.empty() ? "/template" : "/template/variables/" + error.variable);
}

std::expected<Words, Refusal> Render(SendRequest& request, const ParsedTemplate& parsed,
                                     const std::string& unsubscribe_url) {
  const auto data = Data(request, parsed, unsubscribe_url);
  if (!data) return std::unexpected(data.error());
  Words words;
  if (request.subject) {
    words.subject = std::move(*request.subject);
  } else if (parsed.subject) {
    auto subject = RenderPart("subject", *parsed.subject, *data, templates::Kind::kText, {});
    if (!subject) return std::unexpected(subject.error());
    words.subject = std::move(*subject);
  }
  if (parsed.html) {
    auto html = RenderPart("html", *parsed.html, *data, templates::Kind::kHtml, parsed.raw_variables);
    if (!html) return std::unexpected(html.error());
    words.html = std::move(*html);
  }
  if (parsed.text) {
    auto text = RenderPart("text", *parsed.text, *data, templates::Kind::kText, {});
    if (!text) return std::unexpected(text.error());
    words.text = std::move(*text);
  } else if (!words.html.empty()) {
    words.text = templates::TextAlternative(words.html);
  }
  return words;
}

// The text with the link in place of {{UNSUBSCRIBE_URL}}, in two braces or three; in one pass, whatever the text.
std::string PutLink(std::string_view text, std::string_view url) {
  constexpr std::string_view kTwo = "{{UNSUBSCRIBE_URL}}";
  std::string out;
  std::size_t done = 0;
  for (std::size_t at = text.find(kTwo); at != std::string_view::npos; at = text.find(kTwo, done)) {
    std::size_t end = at + kTwo.size();
    const bool three = at > done && text[at - 1] == '{' && end < text.size() && text[end] == '}';
    out.append(text, done, at - done - (three ? 1 : 0)).append(url);
    done = end + (three ? 1 : 0);
  }
  return out.append(text.substr(done));
}

// A message without a stored template may still hold the one placeholder that only we can fill.
Words TakeAsGiven(SendRequest& request, const std::string& unsubscribe_url) {
  Words words{std::move(request.subject).value_or(""), std::move(request.text).value_or(""),
              std::move(request.html).value_or("")};
  if (!unsubscribe_url.empty()) {
    for (std::string* part : {&words.text, &words.html}) *part = PutLink(*part, unsubscribe_url);
  }
  if (!request.text && !words.html.empty()) words.text = templates::TextAlternative(words.html);
  return words;
}

// "topic:template:category:sender" for Gmail's feedback loop: no personal data, the last part stable for a sender.
std::string FeedbackId(const SendRequest& request, const Checked& checked, const Ingredients& ingredients) {
  const auto last_block = [](const std::string& id) {
    return id.empty() ? std::string("none") : id.substr(id.rfind('-') + 1);
  };
  const base::Digest digest = base::Sha256(ingredients.from.address.domain);
  return last_block(request.topic_id) + ":" +
         last_block(ingredients.parsed_template ? ingredients.parsed_template->id : std::string()) + ":" +
         checked.category_name + ":sp" + base::HexEncode(base::AsText(digest).substr(0, 5));
}

}  // namespace

std::expected<Composed, Refusal> ComposeMessage(SendRequest request, const Checked& checked,
                                                const Ingredients& ingredients, base::Time now) {
  message::Content content;
  // As wide as a token, which has the width of 33 bytes in base64url.
  content.slot_marker = base::RandomText(base::TokenSigner::kUrlWidth / 4 * 3);
  if (ingredients.topic) {
    content.has_list = true;
    content.list.unsubscribe_url = ingredients.public_url + "/u/" + content.slot_marker;
    content.list.list_id = ingredients.topic->id + "." + ingredients.from.address.domain;
    content.list.list_name = ingredients.topic->name;
  }
  auto words = ingredients.parsed_template
                   ? Render(request, *ingredients.parsed_template, content.list.unsubscribe_url)
                   : std::expected<Words, Refusal>(TakeAsGiven(request, content.list.unsubscribe_url));
  if (!words) return std::unexpected(words.error());
  if (words->subject.empty() && ingredients.parsed_template) {
    return std::unexpected(Refusal{RefusalKind::kMissingField,
                                   "Missing `subject` field: neither the request nor the template has one.",
                                   "/subject"});
  }
  for (const auto& [field, part] : {std::pair("html", &words->html), std::pair("text", &words->text)}) {
    if (part->size() <= kPartBytesAtMost) continue;
    return Refuse("`" + std::string(field) + "` has " + std::to_string(part->size()) +
                      " bytes with its link put in; at most " + std::to_string(kPartBytesAtMost) + " are taken.",
                  "/" + std::string(field));
  }
  content.from = ingredients.from;
  content.to = checked.to;
  content.cc = checked.cc;
  content.reply_to = ingredients.reply_to;
  content.subject = std::move(words->subject);
  content.text = std::move(words->text);
  content.html = std::move(words->html);
  content.headers = std::move(request.headers);
  content.attachments = std::move(request.attachments);
  content.message_id = "<" + base::RandomText(18) + "@" + ingredients.from.address.domain + ">";
  content.date = now;
  content.feedback_id = FeedbackId(request, checked, ingredients);
  content.boundary_seed = base::RandomText(16);

  auto raw = message::Compose(content);
  if (!raw) return Refuse(raw.error().message, raw.error().field.empty() ? std::string() : "/" + raw.error().field);
  return Composed{std::move(content.subject), std::move(content.message_id), std::move(*raw)};
}

}  // namespace sealpost::submit
