#include "dns/wire.h"

#include <cctype>
#include <cstdint>
#include <span>

#include "dns/answer_reader.h"
#include "dns/name.h"
#include "dns/query.h"
#include "tests/fuzz/targets.h"

namespace sealpost::tests::fuzz {
namespace {

using namespace sealpost::dns;

std::span<const std::uint8_t> AsOctets(std::string_view bytes) {
  return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

// One character of presentation form, an escape being one.
std::string TakeCharacter(std::string_view& text) {
  const auto take = [&](std::size_t count) {
    const std::string taken(text.substr(0, count));
    text.remove_prefix(taken.size());
    return taken;
  };
  if (!text.starts_with('\\')) return take(1);
  take(1);
  if (text.empty() || std::isdigit(static_cast<unsigned char>(text.front())) == 0) return take(1);
  return {static_cast<char>(std::stoi(take(3)))};
}

std::vector<std::string> StringsIn(std::string_view text) {
  std::vector<std::string> strings;
  while (text.starts_with('"')) {
    text.remove_prefix(1);
    std::string string;
    while (!text.empty() && !text.starts_with('"')) string += TakeCharacter(text);
    Expect(!text.empty(), "a quoted string is closed");
    text.remove_prefix(1);
    if (text.starts_with(' ')) text.remove_prefix(1);
    strings.push_back(std::move(string));
  }
  Expect(text.empty(), "nothing but strings stands in a TXT record");
  return strings;
}

std::string NameIn(std::string_view text) {
  Expect(text.ends_with('.'), "a name is printed with its dot");
  text.remove_suffix(1);
  std::string name;
  while (!text.empty()) {
    const bool escaped = text.starts_with('\\');
    const std::string character = TakeCharacter(text);
    if (escaped && (character == "." || character == "\\")) name += '\\';
    name += character;
  }
  return name;
}

void CheckName(const std::string& name, Type type) {
  Expect(name.empty() || IsQueryable(name), "a name that was read can be asked for");
  const auto asked = QueryBytes({.name = name, .type = type}, 1);
  const auto read = ParseMessage(asked);
  Expect(read && read->question == name && read->question_type == type, "a question reads as it was written");
}

void CheckRecord(const Record& record) {
  CheckName(record.name, record.type);
  const std::string text = Presentation(record);
  ExpectShowable(text, "the presentation of a record");
  if (const Txt* txt = std::get_if<Txt>(&record.data)) {
    Expect(StringsIn(text) == txt->strings, "a TXT record is printed as it is");
    for (const std::string& string : txt->strings) Expect(string.size() <= 255, "a string has 255 bytes at most");
  }
  if (const Host* host = std::get_if<Host>(&record.data)) {
    CheckName(host->name, record.type);
    Expect(NameIn(text) == host->name, "a name is printed as it is");
  }
}

void CheckReading(const std::string& name, const Message& message) {
  const Reading reading = ReadAnswer(name, message.question_type, message);
  Expect((reading.status == Status::kAnswer) == !reading.records.empty(), "an answer has records, nothing else has");
  for (const Record& record : reading.records)
    Expect(record.type == message.question_type, "records are of the type asked");
  Expect(reading.aliases.size() <= kMaxAliases, "a chain has its limit");
  Expect(!reading.open || (reading.status == Status::kNoData && !reading.aliases.empty()), "only a chain ends open");
  ExpectShowable(reading.detail, "the detail of a reading");
  const bool told =
      reading.status == Status::kAnswer || reading.status == Status::kNoData || reading.status == Status::kNxDomain;
  Expect(!told || (message.response && !message.truncated && SameName(name, message.question)),
         "only a whole response to the question says anything");
}

}  // namespace

void Wire(std::string_view bytes) {
  const auto message = ParseMessage(AsOctets(bytes));
  if (!message) return ExpectShowable(message.error(), "the fault of a message");
  CheckName(message->question, message->question_type);
  for (const auto* section : {&message->answers, &message->authorities})
    for (const Record& record : *section) CheckRecord(record);
  CheckReading(message->question, *message);
  CheckReading(message->answers.empty() ? "other.example" : message->answers.back().name, *message);
}

}  // namespace sealpost::tests::fuzz
