#include "mailer/submit/template_data.h"

#include <string>
#include <utility>

namespace sealpost::submit {

templates::Value ToValue(base::JsonView json) {
  if (const auto text = json.String()) return {std::string(*text)};
  if (const auto flag = json.Bool()) return {*flag};
  if (json.IsNumber()) return {json.Text()};
  if (json.IsArray()) {
    templates::List list;
    list.reserve(json.Size());
    json.ForEachElement([&](std::size_t, base::JsonView element) {
      list.push_back(ToValue(element));
      return true;
    });
    return {std::move(list)};
  }
  if (json.IsObject()) {
    templates::Object object;
    json.ForEachMember([&](std::string_view key, base::JsonView value) {
      object.emplace(std::string(key), ToValue(value));
      return true;
    });
    return {std::move(object)};
  }
  return {};
}

}  // namespace sealpost::submit
