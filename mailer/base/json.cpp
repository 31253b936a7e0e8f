#include "mailer/base/json.h"

#include <simdjson.h>

#include <charconv>
#include <cstring>
#include <limits>
#include <utility>

namespace sealpost::base {
namespace {

using simdjson::internal::tape_ref;
using simdjson::internal::tape_type;

// A view names a place on the library's tape by its index, as the library's own elements do.
tape_ref At(const void* document, std::size_t index) {
  return {static_cast<const simdjson::dom::document*>(document), index};
}

// The deepest level allowed, and one more: the library refuses as soon as a level reaches its limit. It does not
// count an empty array or object as a level.
constexpr std::size_t kDepthLimit = 64 + 1;

// The library's own sentences are about its insides; these are about the input.
std::string_view Fault(simdjson::error_code code) {
  switch (code) {
    case simdjson::EMPTY:
      return "it is empty";
    case simdjson::DEPTH_ERROR:
      return "it is nested deeper than 64 levels";
    case simdjson::STRING_ERROR:
      return "a string holds a wrong escape";
    case simdjson::UNESCAPED_CHARS:
      return "a string holds a control character that is not escaped";
    case simdjson::UNCLOSED_STRING:
      return "a string does not end";
    case simdjson::UTF8_ERROR:
      return "it is not UTF-8";
    case simdjson::NUMBER_ERROR:
    case simdjson::NUMBER_OUT_OF_RANGE:
      return "a number is malformed or out of range";
    case simdjson::T_ATOM_ERROR:
    case simdjson::F_ATOM_ERROR:
    case simdjson::N_ATOM_ERROR:
      return "a word is none of true, false and null";
    case simdjson::CAPACITY:
    case simdjson::MEMALLOC:
      return "it is too large";
    default:
      return "the brackets, commas and colons do not fit together";
  }
}

void WriteDouble(JsonWriter& writer, double value) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  std::string text(buffer, end);
  // Whoever reads the text again finds no integer where none was written.
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  writer.Raw(text);
}

}  // namespace

struct JsonDocument::Impl {
  simdjson::dom::document document;
};

bool JsonView::IsNull() const {
  return Exists() && At(document_, index_).is_null_on_tape();
}

bool JsonView::IsString() const {
  return Exists() && At(document_, index_).tape_ref_type() == tape_type::STRING;
}

bool JsonView::IsBool() const {
  return Bool().has_value();
}

bool JsonView::IsNumber() const {
  return Number().has_value();
}

bool JsonView::IsArray() const {
  return Exists() && At(document_, index_).tape_ref_type() == tape_type::START_ARRAY;
}

bool JsonView::IsObject() const {
  return Exists() && At(document_, index_).tape_ref_type() == tape_type::START_OBJECT;
}

std::string_view JsonView::TypeName() const {
  if (!Exists()) return "nothing";
  if (IsString()) return "string";
  if (IsBool()) return "true or false";
  if (IsNull()) return "null";
  if (IsArray()) return "array";
  return IsObject() ? "object" : "number";
}

std::optional<std::string_view> JsonView::String() const {
  if (!IsString()) return std::nullopt;
  return At(document_, index_).get_string_view();
}

std::optional<bool> JsonView::Bool() const {
  if (!Exists()) return std::nullopt;
  const tape_ref place = At(document_, index_);
  if (place.is_true()) return true;
  if (place.is_false()) return false;
  return std::nullopt;
}

std::optional<std::int64_t> JsonView::Integer() const {
  if (!Exists() || !At(document_, index_).is_int64()) return std::nullopt;
  return At(document_, index_).next_tape_value<std::int64_t>();
}

std::optional<double> JsonView::Number() const {
  if (!Exists()) return std::nullopt;
  const tape_ref place = At(document_, index_);
  if (place.is_double()) return place.next_tape_value<double>();
  if (place.is_int64()) return static_cast<double>(place.next_tape_value<std::int64_t>());
  if (place.is_uint64()) return static_cast<double>(place.next_tape_value<std::uint64_t>());
  return std::nullopt;
}

JsonView JsonView::operator[](std::string_view key) const {
  JsonView found;
  ForEachMember([&](std::string_view name, JsonView value) {
    if (name == key) found = value;
    return name != key;
  });
  return found;
}

std::size_t JsonView::Size() const {
  if (!IsArray() && !IsObject()) return 0;
  const std::size_t counted = At(document_, index_).scope_count();
  if (counted < simdjson::internal::JSON_COUNT_MASK) return counted;
  // The tape's counter has 24 bits and stops there.
  std::size_t size = 0;
  const auto count = [&size](auto&&...) { return ++size, true; };
  IsArray() ? ForEachElement(count) : ForEachMember(count);
  return size;
}

void JsonView::ForEachElement(const std::function<bool(std::size_t index, JsonView element)>& visit) const {
  if (!IsArray()) return;
  const std::size_t end = At(document_, index_).after_element() - 1;
  std::size_t number = 0;
  for (std::size_t i = index_ + 1; i < end; i = At(document_, i).after_element()) {
    if (!visit(number++, JsonView(document_, i))) return;
  }
}

void JsonView::ForEachMember(const std::function<bool(std::string_view key, JsonView value)>& visit) const {
  if (!IsObject()) return;
  const std::size_t end = At(document_, index_).after_element() - 1;
  for (std::size_t i = index_ + 1; i < end; i = At(document_, i + 1).after_element()) {
    if (!visit(At(document_, i).get_string_view(), JsonView(document_, i + 1))) return;
  }
}

std::string JsonView::Text() const {
  JsonWriter writer;
  if (Exists()) Write(writer);
  return writer.Take();
}

void JsonView::Write(JsonWriter& writer) const {
  const tape_ref place = At(document_, index_);
  if (IsArray()) {
    writer.BeginArray();
    ForEachElement([&](std::size_t, JsonView element) { return element.Write(writer), true; });
    writer.EndArray();
  } else if (IsObject()) {
    writer.BeginObject();
    ForEachMember([&](std::string_view key, JsonView value) { return value.Write(writer.Key(key)), true; });
    writer.EndObject();
  } else if (IsString()) {
    writer.String(place.get_string_view());
  } else if (IsBool()) {
    writer.Bool(place.is_true());
  } else if (place.is_double()) {
    WriteDouble(writer, place.next_tape_value<double>());
  } else if (place.is_int64()) {
    writer.Integer(place.next_tape_value<std::int64_t>());
  } else if (place.is_uint64()) {
    writer.Raw(std::to_string(place.next_tape_value<std::uint64_t>()));
  } else {
    writer.Null();
  }
}

JsonDocument::JsonDocument(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;
JsonDocument::~JsonDocument() = default;

Result<JsonDocument> JsonDocument::Parse(std::string_view text) {
  // The parser with its index of the whole input lives only as long as this call; the tape is what stays.
  simdjson::dom::parser parser;
  auto impl = std::make_unique<Impl>();
  simdjson::error_code code = text.empty() ? simdjson::EMPTY : parser.allocate(text.size(), kDepthLimit);
  if (code == simdjson::SUCCESS) code = parser.parse_into_document(impl->document, text.data(), text.size()).error();
  if (code != simdjson::SUCCESS) {
    return Fail(ErrorKind::kInvalid, "the body is not JSON: " + std::string(Fault(code)));
  }
  return JsonDocument(std::move(impl));
}

JsonView JsonDocument::Root() const {
  // The tape begins with a mark of its own.
  return JsonView(&impl_->document, 1);
}

}  // namespace sealpost::base
