// A header field written piece by piece, in lines below 78 characters where a piece allows (RFC 5322 2.1.1).
#pragma once

#include <string>
#include <string_view>

namespace sealpost::dkim {

// Never folds right after the field's name: older verifiers canonicalize that wrongly.
class FoldedField {
 public:
  explicit FoldedField(std::string_view name);

  // Put after a space, or on a line of its own if this one is full. A word longer than a line stays whole.
  void Word(std::string_view word);
  // Put right after the last one, or on the next line.
  void Piece(std::string_view piece);
  // Put right after the last one and broken wherever a line is full: for base64.
  void Breakable(std::string_view text);

  std::string_view name() const { return std::string_view(text_).substr(0, name_size_); }
  std::string_view value() const { return std::string_view(text_).substr(name_size_ + 1); }
  // The whole field without its last CRLF.
  const std::string& text() const { return text_; }

 private:
  bool Fits(std::size_t size) const;
  void NewLine();

  std::string text_;
  std::size_t name_size_;
  std::size_t line_start_ = 0;
  bool empty_ = true;
};

}  // namespace sealpost::dkim
