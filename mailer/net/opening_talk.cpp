#include "mailer/net/opening_talk.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace sealpost::net {
namespace {

using model::SmtpStage;

std::string Upper(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) {
    c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return upper;
}

// One line of the EHLO answer: "250-SIZE 35882577".
void ReadCapability(std::string_view line, Capabilities& capabilities) {
  std::string text = Upper(line.substr(std::min<std::size_t>(line.size(), 4)));
  while (!text.empty() && (text.back() == '\r' || text.back() == '\n' || text.back() == ' ')) {
    text.pop_back();
  }
  const std::string_view keyword = std::string_view(text).substr(0, text.find(' '));
  capabilities.pipelining |= keyword == "PIPELINING";
  capabilities.eight_bit_mime |= keyword == "8BITMIME";
  capabilities.smtputf8 |= keyword == "SMTPUTF8";
  if (keyword == "SIZE") {
    capabilities.size = true;
    const char* digits = text.data() + std::min(text.size(), keyword.size() + 1);
    std::from_chars(digits, text.data() + text.size(), capabilities.size_limit);
  }
}

}  // namespace

void OpeningTalk::Attach(Options& options) {
  options.Set(CURLOPT_HEADERFUNCTION, &OnLine)
      .Set(CURLOPT_HEADERDATA, this)
      .Set(CURLOPT_VERBOSE, 1L)
      .Set(CURLOPT_DEBUGFUNCTION, &OnTrace)
      .Set(CURLOPT_DEBUGDATA, this)
      .Set(CURLOPT_NOPROGRESS, 0L)
      .Set(CURLOPT_XFERINFOFUNCTION, &OnProgress)
      .Set(CURLOPT_XFERINFODATA, this);
}

void OpeningTalk::Detach(CURL* easy) {
  Options(easy)
      .Set(CURLOPT_VERBOSE, 0L)
      .Set(CURLOPT_NOPROGRESS, 1L)
      .Set(CURLOPT_HEADERFUNCTION, static_cast<curl_write_callback>(nullptr))
      .Set(CURLOPT_DEBUGFUNCTION, static_cast<curl_debug_callback>(nullptr))
      .Set(CURLOPT_XFERINFOFUNCTION, static_cast<curl_xferinfo_callback>(nullptr));
}

std::size_t OpeningTalk::OnLine(char* data, std::size_t size, std::size_t count, void* self) noexcept {
  const bool fine = static_cast<OpeningTalk*>(self)->Hear({data, size * count});
  return fine ? size * count : 0;  // zero makes libcurl give up
}

int OpeningTalk::OnTrace(CURL*, curl_infotype type, char* data, std::size_t size, void* self) noexcept {
  if (type == CURLINFO_HEADER_OUT) {
    static_cast<OpeningTalk*>(self)->Said({data, size});
  }
  return 0;
}

int OpeningTalk::OnProgress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept {
  return static_cast<OpeningTalk*>(self)->stop_.stop_requested() ? 1 : 0;
}

bool OpeningTalk::Hear(std::string_view line) {
  if (stage_ == SmtpStage::kConnect) {
    stage_ = SmtpStage::kGreeting;
  }
  if (stage_ == SmtpStage::kEhlo && ++ehlo_lines_ > 1) {
    ReadCapability(line, capabilities_);
  }
  while (!line.empty() && parser_.state() == ReplyParser::State::kMore) {
    line.remove_prefix(parser_.Feed(line));
    if (parser_.state() == ReplyParser::State::kComplete) {
      reply_ = parser_.reply();
      parser_ = ReplyParser(stage_);
      authenticated_ = authenticated_ || (stage_ == SmtpStage::kAuth && reply_.code == 235);
    }
  }
  return parser_.state() != ReplyParser::State::kBroken;
}

// Replies do not say what they answer; only the command that went out before them does. AUTH is followed by lines
// that are no commands, so the stage stays until the next known verb.
void OpeningTalk::Said(std::string_view command) {
  const std::string verb = Upper(command.substr(0, 8));
  if (verb.starts_with("EHLO") || verb.starts_with("HELO")) {
    stage_ = SmtpStage::kEhlo;
    capabilities_ = {};
    ehlo_lines_ = 0;
  } else if (verb == "STARTTLS") {
    stage_ = SmtpStage::kStartTls;
  } else if (verb.starts_with("AUTH")) {
    stage_ = SmtpStage::kAuth;
  }
  parser_ = ReplyParser(stage_);
}

}  // namespace sealpost::net
