#include "mailer/dkim/verifier.h"

#include <strings.h>

#include <cstddef>
#include <cstring>
#include <utility>

#include "mailer/dkim/key.h"
#include "mailer/dkim/opendkim_shim.h"

namespace sealpost::dkim {
namespace {

using base::ErrorKind;
using base::Fail;

constexpr std::size_t kMaxHeader = 128u << 10;  // twice what our composer allows
constexpr std::size_t kMaxField = 60'000;       // libopendkim's own buffers end at 64 KiB
constexpr std::size_t kMaxFields = 1'000;
struct Shape {
  std::vector<OpendkimText> fields;
  OpendkimText body{"", 0};
};

bool IsSignature(std::string_view field) {
  constexpr std::string_view kName = "dkim-signature";
  return field.size() > kName.size() && ::strncasecmp(field.data(), kName.data(), kName.size()) == 0;
}

base::Result<void> CheckCaps(const Shape& shape) {
  std::size_t bytes = 0;
  std::ptrdiff_t signatures = 0;
  for (const OpendkimText& field : shape.fields) {
    if (field.size > kMaxField) {
      return Fail(ErrorKind::kInvalid, "a header field is longer than " + std::to_string(kMaxField) + " bytes");
    }
    bytes += field.size;
    signatures += IsSignature({field.data, field.size});
  }
  if (bytes > kMaxHeader) {
    return Fail(ErrorKind::kInvalid, "the header is longer than " + std::to_string(kMaxHeader) + " bytes");
  }
  if (shape.fields.size() > kMaxFields) {
    return Fail(ErrorKind::kInvalid, "the header has more than " + std::to_string(kMaxFields) + " fields");
  }
  if (signatures > kOpendkimMaxSignatures) {
    return Fail(ErrorKind::kInvalid,
                "the message has more than " + std::to_string(kOpendkimMaxSignatures) + " DKIM-Signature fields");
  }
  return {};
}

// Not the signer's way of reading a message: a judge that errs as the accused errs is none.
Shape ReadShape(std::string_view message) {
  Shape shape;
  std::size_t start = 0;
  std::size_t at = 0;
  const auto close_field = [&] {
    if (at > start) shape.fields.push_back({message.data() + start, at - start});
  };
  while ((at = message.find("\r\n", at)) != message.npos && shape.fields.size() <= kMaxFields) {
    const char next = at + 2 < message.size() ? message[at + 2] : '\0';
    if (at == start) {
      shape.body = {message.data() + at + 2, message.size() - at - 2};
      return shape;
    }
    if (next != ' ' && next != '\t') {
      close_field();
      start = at + 2;
    }
    at += 2;
  }
  at = message.size();
  close_field();
  return shape;
}

const char* ResultName(OpendkimOutcome outcome) {
  switch (outcome) {
    case kOpendkimPass:
      return "pass";
    case kOpendkimFail:
      return "fail";
    case kOpendkimTempError:
      return "temperror";
    case kOpendkimPermError:
      break;
  }
  return "permerror";
}

// What the callbacks from C need; no exception may leave them.
struct Session {
  const KeyLookup& lookup;
  std::vector<SignatureResult> results;

  OpendkimKeyState FindKey(const char* selector, const char* domain, char* record, std::size_t capacity) {
    const std::string name = std::string(selector) + "._domainkey." + domain;
    if (name.size() > kMaxName) return kOpendkimKeyAbsent;
    const auto found = lookup(name);
    if (!found) return kOpendkimKeyUnreachable;
    if (!*found) return kOpendkimKeyAbsent;
    const std::string& value = **found;
    // Cut short or read up to a NUL it would be another key's record: better none.
    const bool usable = value.size() < capacity && value.find('\0') == value.npos;
    const std::size_t size = usable ? value.size() : 0;
    std::memcpy(record, value.data(), size);
    record[size] = '\0';
    return kOpendkimKeyFound;
  }

  static OpendkimKeyState OnFindKey(void* self, const char* selector, const char* domain, char* record,
                                    std::size_t capacity) noexcept try {
    return static_cast<Session*>(self)->FindKey(selector, domain, record, capacity);
  } catch (...) {
    return kOpendkimKeyUnreachable;
  }

  static void OnReport(void* self, const OpendkimSignature* signature) noexcept {
    static_cast<Session*>(self)->results.push_back({signature->algorithm, signature->domain, signature->selector,
                                                    ResultName(signature->outcome), signature->detail});
  }
};

}  // namespace

base::Result<std::vector<SignatureResult>> Verify(std::string_view message, const KeyLookup& lookup) {
  const Shape shape = ReadShape(message);
  if (auto caps = CheckCaps(shape); !caps) return std::unexpected(caps.error());
  Session session{lookup, {}};
  const OpendkimListener listener{&session, &Session::OnFindKey, &Session::OnReport};
  const char* problem = OpendkimJudge(shape.fields.data(), shape.fields.size(), shape.body, &listener);
  if (problem != nullptr) {
    return Fail(ErrorKind::kInvalid, std::string("libopendkim cannot read the message: ") + problem);
  }
  return std::move(session.results);
}

}  // namespace sealpost::dkim
