// What a digest says: subject, text and html over what was held for one mailbox. Pure.
//
// Subjects are other people's text. They stand in it as text only: escaped in html, one line each, without control
// characters and marks that turn the direction of text, cut where they are long; no link is made of them.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mailer/base/clock.h"
#include "mailer/submit/catalog.h"
#include "templates/value.h"

namespace sealpost::submit {

inline constexpr std::size_t kDigestLines = 100;          // the others are counted
inline constexpr std::size_t kDigestSubjectAtMost = 120;  // characters

struct Held {
  base::Time at;
  std::string subject;
};

// Its template, as if it were a published one. The same at each call; made at the first.
std::shared_ptr<const ParsedTemplate> DigestTemplate();

// The variables of DigestTemplate. `held` is in the order in which it is told; `topic` is a name, empty without topic.
templates::Object DigestWords(const std::vector<Held>& held, const std::string& topic);

// A subject as one line of a digest.
std::string DigestLine(std::string_view subject);

}  // namespace sealpost::submit
