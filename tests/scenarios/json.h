// JSON that was answered, as a value that owns its document: Json::Of(reply.body)["data"][0]["id"].Text().
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "mailer/base/json.h"

namespace sealpost::scenarios {

class Json {
 public:
  // Throws std::runtime_error if the text is not JSON.
  static Json Of(std::string_view text) {
    auto document = base::JsonDocument::Parse(text);
    if (!document) throw std::runtime_error("not JSON: " + std::string(text.substr(0, 500)));
    auto shared = std::make_shared<const base::JsonDocument>(std::move(*document));
    return Json(shared, shared->Root());
  }

  Json operator[](std::string_view member) const { return Json(document_, view_[member]); }
  Json operator[](std::size_t wanted) const {
    base::JsonView found;
    view_.ForEachElement([&](std::size_t index, base::JsonView element) {
      if (index == wanted) found = element;
      return index != wanted;
    });
    return Json(document_, found);
  }

  bool Exists() const { return view_.Exists(); }
  bool IsNull() const { return view_.IsNull(); }
  std::size_t Size() const { return view_.Size(); }
  std::string Text() const { return std::string(view_.String().value_or("")); }  // "" for what is no string
  std::int64_t Number() const { return view_.Integer().value_or(-1); }           // -1 for what is no whole number
  bool True() const { return view_.Bool().value_or(false); }
  std::string Raw() const { return view_.Text(); }  // for messages of failed checks

 private:
  Json(std::shared_ptr<const base::JsonDocument> document, base::JsonView view)
      : document_(std::move(document)), view_(view) {}

  std::shared_ptr<const base::JsonDocument> document_;
  base::JsonView view_;
};

// `text` as a JSON string with its quotes.
inline std::string Quoted(std::string_view text) {
  return base::JsonWriter().String(text).Take();
}

}  // namespace sealpost::scenarios
