// Columns for people, and text of strangers made safe for a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sealpost::app {

// Bytes outside printable ASCII as \xNN: nothing that came from outside drives the terminal.
std::string Printable(std::string_view text);

// Prose broken at blanks into lines of at most `width` characters.
std::string Wrap(std::string_view text, std::size_t width);

// A table with aligned columns; cells are made printable; a column that is empty in every row is left out.
class Table {
 public:
  explicit Table(std::vector<std::string> head) : rows_{std::move(head)} {}
  void Add(std::vector<std::string> row);
  std::string Text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace sealpost::app
