#include "mailer/dkim/folded_field.h"

#include <algorithm>

namespace sealpost::dkim {
namespace {

constexpr std::size_t kMaxLine = 77;

}  // namespace

FoldedField::FoldedField(std::string_view name) : text_(name), name_size_(name.size()) {
  text_ += ':';
}

bool FoldedField::Fits(std::size_t size) const {
  return text_.size() - line_start_ + size <= kMaxLine;
}

void FoldedField::NewLine() {
  text_ += "\r\n ";
  line_start_ = text_.size() - 1;
}

void FoldedField::Word(std::string_view word) {
  if (empty_ || Fits(word.size() + 1)) {
    text_ += ' ';
  } else {
    NewLine();
  }
  empty_ = false;
  text_ += word;
}

void FoldedField::Piece(std::string_view piece) {
  if (!Fits(piece.size())) NewLine();
  text_ += piece;
}

void FoldedField::Breakable(std::string_view text) {
  while (!text.empty()) {
    if (!Fits(1)) NewLine();
    const std::size_t room = kMaxLine - (text_.size() - line_start_);
    text_ += text.substr(0, room);
    text.remove_prefix(std::min(room, text.size()));
  }
}

}  // namespace sealpost::dkim
