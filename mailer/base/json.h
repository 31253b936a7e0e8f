// JSON: reading over simdjson (its header stays behind json.cpp) and writing by hand.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "mailer/base/error.h"

namespace sealpost::base {

class JsonDocument;
class JsonWriter;

// A place inside a parsed document. Two words, cheap to copy; valid as long as its JsonDocument.
class JsonView {
 public:
  JsonView() = default;  // "absent": every Is...() is false

  bool Exists() const { return document_ != nullptr; }
  bool IsNull() const;
  bool IsString() const;
  bool IsBool() const;
  bool IsNumber() const;
  bool IsArray() const;
  bool IsObject() const;
  // "string", "number", "true or false", "null", "array", "object", "nothing": for error messages.
  std::string_view TypeName() const;

  // The value if it has that type, nothing otherwise. The text may hold any character, NUL included.
  std::optional<std::string_view> String() const;
  std::optional<bool> Bool() const;
  std::optional<std::int64_t> Integer() const;  // only numbers written without fraction or exponent
  std::optional<double> Number() const;

  // Member of an object (the first of that name); absent if this is no object or has no such member.
  JsonView operator[](std::string_view key) const;
  // Elements of an array or members of an object; 0 for anything else.
  std::size_t Size() const;
  // Calls in order; a false answer stops. Does nothing for another type.
  void ForEachElement(const std::function<bool(std::size_t index, JsonView element)>& visit) const;
  void ForEachMember(const std::function<bool(std::string_view key, JsonView value)>& visit) const;
  // This value as compact JSON text; empty if absent.
  std::string Text() const;

 private:
  friend class JsonDocument;
  JsonView(const void* document, std::size_t index) : document_(document), index_(index) {}
  void Write(JsonWriter& writer) const;
  const void* document_ = nullptr;
  std::size_t index_ = 0;
};

class JsonDocument {
 public:
  // Copies what it needs. The error says what is wrong ("the body is not JSON: ...") without quoting the input.
  // Nesting deeper than 64 is refused (an empty array or object is no level), and so is an integer beyond 64 bits.
  static Result<JsonDocument> Parse(std::string_view text);
  JsonDocument(JsonDocument&&) noexcept;
  JsonDocument& operator=(JsonDocument&&) noexcept;
  ~JsonDocument();

  JsonView Root() const;

 private:
  struct Impl;
  explicit JsonDocument(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Appends compact JSON. Commas are its own affair; invalid UTF-8 is written as U+FFFD; every character that ends a
// line or drives a terminal is escaped (C0, DEL, C1, U+2028, U+2029); a number that is not finite becomes null.
//   JsonWriter w; w.BeginObject().Key("id").String(id).Key("n").Integer(3).EndObject(); w.Take()
class JsonWriter {
 public:
  JsonWriter& BeginObject();
  JsonWriter& EndObject();
  JsonWriter& BeginArray();
  JsonWriter& EndArray();
  JsonWriter& Key(std::string_view key);
  JsonWriter& String(std::string_view value);
  JsonWriter& StringOrNull(std::string_view value);  // null if empty
  JsonWriter& Integer(std::int64_t value);
  JsonWriter& Number(double value);
  JsonWriter& Bool(bool value);
  JsonWriter& Null();
  JsonWriter& Raw(std::string_view json);  // must be valid JSON already
  std::string Take();

 private:
  void Separate();
  std::string out_;
  bool need_comma_ = false;
};

}  // namespace sealpost::base
