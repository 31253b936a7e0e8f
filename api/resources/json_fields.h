// Small readers for members of a JSON object: absent and null are the same, a wrong type is a refusal that names the
// member and both types.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/message.h"
#include "api/http/problem.h"
#include "mailer/base/json.h"
#include "mailer/submit/request.h"
#include "templates/value.h"

namespace sealpost::resources {

template <class T>
using Read = std::expected<T, submit::Refusal>;

std::unexpected<submit::Refusal> Refuse(std::string message, std::string pointer,
                                        submit::RefusalKind kind = submit::RefusalKind::kValidation);
std::unexpected<submit::Refusal> WrongType(std::string_view member, std::string_view wanted, base::JsonView got);

// The body as JSON; 400 validation_error where it is none.
std::expected<base::JsonDocument, http::Problem> ParseBody(const http::Request& request);

Read<std::optional<std::string>> ReadText(base::JsonView root, std::string_view member);
// A string or an array of strings.
Read<std::vector<std::string>> ReadTexts(base::JsonView root, std::string_view member);
Read<std::optional<bool>> ReadBool(base::JsonView root, std::string_view member);

// At most `limit` characters (not octets) and no control character, so that it fits on one line anywhere.
bool IsOneLine(std::string_view text, std::size_t limit);

// Whether the value holds at most `limit` values, itself included: asked before something is built from it, because
// built values take many times the room of their JSON.
bool HoldsAtMost(base::JsonView value, std::size_t limit);
// Of at most kValuesAtMost values.
inline constexpr std::size_t kValuesAtMost = 100'000;
Read<templates::Object> ReadObject(base::JsonView root, std::string_view member);

}  // namespace sealpost::resources
