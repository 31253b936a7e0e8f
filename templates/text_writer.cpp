#include "templates/text_writer.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace sealpost::templates {
namespace {

constexpr std::size_t kDeepestIndent = 8;
constexpr std::size_t kLongestUnderline = 72;

// Characters that take no room: mails pad their preview line with them. Each is written in UTF-8.
std::size_t InvisibleSize(std::string_view text) {
  for (const std::string_view mark :
       {"\xc2\xad", "\xcd\x8f", "\xe2\x80\x8b", "\xe2\x80\x8c", "\xe2\x80\x8d", "\xef\xbb\xbf"}) {
    if (text.starts_with(mark)) return mark.size();
  }
  return 0;
}

bool IsNoBreakSpace(std::string_view text) {
  return text.starts_with("\xc2\xa0");
}

std::size_t Width(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

bool SameAddress(std::string_view label, std::string_view url) {
  for (const std::string_view scheme : {"https://", "http://", "mailto:", "tel:"}) {
    if (label.starts_with(scheme)) label.remove_prefix(scheme.size());
    if (url.starts_with(scheme)) url.remove_prefix(scheme.size());
  }
  if (label.ends_with('/')) label.remove_suffix(1);
  if (url.ends_with('/')) url.remove_suffix(1);
  return label == url;
}

}  // namespace

void TextWriter::Begin() {
  if (out_.empty()) {
    breaks_ = 0;
  } else if (breaks_ > 0) {
    const std::size_t there = out_.size() - out_.find_last_not_of('\n') - 1;  // preformatted text may end its own line
    if (there < static_cast<std::size_t>(breaks_)) out_.append(static_cast<std::size_t>(breaks_) - there, '\n');
  } else if (cell_ && out_.back() != '\n') {
    out_ += " | ";
  } else if (space_ && out_.back() != '\n' && out_.back() != ' ') {
    out_ += ' ';
  }
  out_ += std::exchange(marker_, {});
  breaks_ = 0;
  space_ = cell_ = false;
}

void TextWriter::Flow(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (IsSpace(text[i])) {
      space_ = true;
      continue;
    }
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x80) {
      const std::string_view rest = text.substr(i, 3);
      if (const std::size_t size = InvisibleSize(rest); size > 0) {
        i += size - 1;
        continue;
      }
      if (IsNoBreakSpace(rest)) {
        space_ = true;
        ++i;
        continue;
      }
    }
    if (byte < 0x20 || byte == 0x7f) continue;
    Begin();
    out_ += text[i];
  }
}

void TextWriter::Verbatim(std::string_view text) {
  // The line end right after <pre> is not part of it (HTML Standard 13.2.6.4.7).
  if ((breaks_ > 0 || out_.empty()) && text.starts_with('\n')) text.remove_prefix(1);
  if (text.empty()) return;
  Begin();
  std::ranges::copy_if(text, std::back_inserter(out_), [](char c) {
    return c == '\n' || c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  });
}

void TextWriter::Break(int lines) {
  breaks_ = std::max(breaks_, lines);
  space_ = cell_ = false;
}

void TextWriter::LineBreak() {
  breaks_ = std::min(breaks_ + 1, 2);
  space_ = cell_ = false;
}

void TextWriter::CloseList() {
  if (!lists_.empty()) lists_.pop_back();
  marker_.clear();
}

void TextWriter::Item() {
  Break(1);
  const std::size_t depth = lists_.empty() ? 0 : lists_.size() - 1;
  marker_ = std::string(2 * std::min(depth, kDeepestIndent), ' ');
  if (!lists_.empty() && lists_.back().numbered) {
    marker_ += std::to_string(++lists_.back().count) + ". ";
  } else {
    marker_ += "- ";
  }
}

void TextWriter::OpenHeading() {
  Break(2);
  heading_at_ = out_.size();
}

void TextWriter::CloseHeading(char underline) {
  const auto begin = out_.find_first_not_of('\n', std::exchange(heading_at_, std::string::npos));
  if (begin != std::string::npos && begin < out_.size() && underline != 0) {
    const auto last_line = std::max(begin, out_.rfind('\n') + 1);
    const std::size_t width = std::min(Width(std::string_view(out_).substr(last_line)), kLongestUnderline);
    out_ += '\n' + std::string(width, underline);
  }
  Break(2);
}

void TextWriter::OpenLink(std::string url) {
  CloseLink();  // links do not nest; a second one ends the first
  link_ = std::move(url);
  link_at_ = out_.size();
}

void TextWriter::CloseLink() {
  const std::string url = std::exchange(link_, {});
  if (url.empty()) return;
  const std::size_t begin = std::min(out_.find_first_not_of(" \n|", link_at_), out_.size());
  const std::string_view label = std::string_view(out_).substr(begin);
  const std::string shown = url.starts_with("mailto:") ? url.substr(7, url.find('?') - 7) : url;
  if (label.empty()) {
    Begin();
    out_ += shown;
  } else if (!SameAddress(label, url)) {
    out_ += " (" + shown + ")";
  }
}

std::string TextWriter::Take() {
  out_.resize(out_.find_last_not_of(" \n") + 1);
  if (!out_.empty()) out_ += '\n';
  return std::move(out_);
}

}  // namespace sealpost::templates
