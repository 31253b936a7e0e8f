// Flowing text out of the pieces of an HTML document: collapses spaces, places line breaks, lists and links.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sealpost::templates {

// ASCII white space of HTML.
constexpr bool IsSpace(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}

class TextWriter {
 public:
  // Text as it stands in the source: runs of white space count as one space.
  void Flow(std::string_view text);
  // As it is, line ends included (the inside of <pre>).
  void Verbatim(std::string_view text);
  // At least so many line ends before what comes next; 2 make a blank line. Nothing at the very beginning.
  void Break(int lines);
  void LineBreak();  // <br>: adds one, two at most
  // The next cell of a table row: set off by " | " if something stands before it on its line.
  void NextCell() { cell_ = true; }

  void OpenList(bool numbered) { lists_.push_back({numbered, 0}); }
  void CloseList();
  bool InList() const { return !lists_.empty(); }
  void Item();

  void OpenHeading();
  void CloseHeading(char underline);
  void OpenLink(std::string url);
  // "label (URL)"; the URL once only where the label is empty or says the same.
  void CloseLink();

  std::string Take();

 private:
  struct Numbering {
    bool numbered;
    int count;
  };
  void Begin();  // writes what is due before the next visible character

  std::string out_, link_;
  std::size_t link_at_ = 0, heading_at_ = std::string::npos;
  std::vector<Numbering> lists_;
  std::string marker_;  // of a list item whose text has not begun
  int breaks_ = 0;
  bool space_ = false, cell_ = false;
};

}  // namespace sealpost::templates
