// Keys and lists of a YAML file by their indentation: as much YAML as api/openapi.yaml needs to be held against the
// program. What stands in flow style ({...}, [...]) is kept as text; folded and literal blocks are skipped.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sealpost::tests {

struct Node {
  std::string key;    // without quotes; "-" for an element of a list
  std::string value;  // what follows on the same line
  std::vector<Node> children;

  // The child of that name; a node without anything if there is none.
  const Node& operator[](std::string_view name) const {
    static const Node nothing;
    const auto found = std::find_if(children.begin(), children.end(), [&](const Node& n) { return n.key == name; });
    return found == children.end() ? nothing : *found;
  }
  std::vector<std::string> Keys() const {
    std::vector<std::string> keys;
    for (const Node& child : children) keys.push_back(child.key);
    return keys;
  }
  std::vector<std::string> Elements() const {
    std::vector<std::string> values;
    for (const Node& child : children) values.push_back(child.value);
    return values;
  }
};

class OutlineReader {
 public:
  static Node Read(std::string_view text) {
    OutlineReader reader(text);
    Node root;
    reader.ReadChildren(root, 0);
    return root;
  }

 private:
  explicit OutlineReader(std::string_view text) : rest_(text) { Step(); }

  // Moves on to the next line that says something.
  void Step() {
    do {
      done_ = rest_.empty();
      if (done_) return;
      const std::size_t end = std::min(rest_.find('\n'), rest_.size());
      line_ = rest_.substr(0, end);
      rest_.remove_prefix(std::min(end + 1, rest_.size()));
      indent_ = std::min(line_.find_first_not_of(' '), line_.size());
      line_.remove_prefix(indent_);
    } while (line_.empty() || line_.front() == '#');
  }

  void ReadChildren(Node& parent, std::size_t at_least) {
    while (!done_ && indent_ >= at_least) {
      const std::size_t indent = indent_;
      parent.children.push_back(Split(line_));
      const std::string& value = parent.children.back().value;
      const bool is_block = value == ">-" || value == "|" || value == ">";
      Step();
      if (is_block) {
        while (!done_ && indent_ > indent) Step();
      } else {
        ReadChildren(parent.children.back(), indent + 1);
      }
    }
  }

  static Node Split(std::string_view line) {
    if (line.starts_with("- ")) return {"-", std::string(line.substr(2)), {}};
    const std::size_t colon = line.ends_with(':') ? line.size() - 1 : line.find(": ");
    std::string_view key = line.substr(0, colon);
    if (key.size() > 1 && (key.front() == '\'' || key.front() == '"')) key = key.substr(1, key.size() - 2);
    const std::string_view value = line.substr(std::min(line.size(), colon + 2));
    return {std::string(key), std::string(value), {}};
  }

  std::string_view rest_, line_;
  std::size_t indent_ = 0;
  bool done_ = false;
};

}  // namespace sealpost::tests
