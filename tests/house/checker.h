// Reads a source tree and says where it breaks the plan in table.h. Trees are values, so that a test can plant one.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/house/table.h"

namespace sealpost::tests::house {

using Tree = std::map<std::string, std::string>;  // path from the root of the house to text
using Faults = std::vector<std::string>;

struct Include {
  std::string header;
  bool quoted = false;  // "ours", not <theirs>
};

inline bool IsCode(std::string_view path) {
  return path.ends_with(".h") || path.ends_with(".cpp") || path.ends_with(".c");
}

inline std::vector<Include> IncludesOf(std::string_view text) {
  std::vector<Include> includes;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto skip = [&line](std::string_view what) {
      line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
      const bool found = line.starts_with(what);
      if (found) line.remove_prefix(what.size());
      return found;
    };
    if (!skip("#") || !skip("include")) continue;
    const bool quoted = skip("\"");
    if (!quoted && !skip("<")) continue;
    const std::size_t close = line.find(quoted ? '"' : '>');
    if (close != std::string_view::npos) includes.push_back({std::string(line.substr(0, close)), quoted});
  }
  return includes;
}

inline const Room* RoomOf(std::string_view path) {
  const Room* best = nullptr;
  for (const Room& room : kRooms) {
    const bool inside = path.starts_with(room.folder) && path.substr(room.folder.size()).starts_with('/');
    if (inside && (best == nullptr || room.folder.size() > best->folder.size())) best = &room;
  }
  return best;
}

inline std::optional<std::string> FloorFault(const std::string& path, const std::string& header) {
  const Room* from = RoomOf(path);
  const Room* to = RoomOf(header);
  const std::string deed = path + " includes " + header + ": ";
  if (to == nullptr) return deed + "that is in no folder of the house";
  if (from == nullptr || from == to) return std::nullopt;
  if (from->leaf) return deed + "a leaf includes no other folder";
  if (to->floor > from->floor) return deed + "upward";
  if (to->floor == from->floor) return deed + "sideways";
  return std::nullopt;
}

inline bool IsSystemHeader(std::string_view header) {
  const bool folder = std::any_of(kSystemFolders.begin(), kSystemFolders.end(),
                                  [&](std::string_view start) { return header.starts_with(start); });
  const bool listed = std::find(kSystemHeaders.begin(), kSystemHeaders.end(), header) != kSystemHeaders.end();
  return folder || listed || header.find_first_of("/.") == std::string_view::npos;
}

inline std::optional<std::string> DoorFault(const std::string& path, const std::string& header) {
  if (IsSystemHeader(header)) return std::nullopt;
  std::size_t longest = 0;
  for (const Door& door : kDoors) {
    if (header.starts_with(door.header)) longest = std::max(longest, door.header.size());
  }
  const std::string deed = path + " includes <" + header + ">: ";
  if (longest == 0) return deed + "a library without a door";
  const bool open = std::any_of(kDoors.begin(), kDoors.end(), [&](const Door& door) {
    return door.header.size() == longest && header.starts_with(door.header) && path.starts_with(door.path);
  });
  if (!open) return deed + "not through that library's door";
  return std::nullopt;
}

using Graph = std::map<std::string, std::set<std::string>>;

// One circle as its nodes in order, the first repeated at the end; empty if there is none.
class CircleFinder {
 public:
  explicit CircleFinder(const Graph& graph) : graph_(graph) {}

  std::vector<std::string> Find() {
    for (const auto& [node, next] : graph_) {
      if (Visit(node)) return path_;
    }
    return {};
  }

 private:
  bool Visit(const std::string& node) {
    if (done_.contains(node)) return false;
    const auto open = std::find(path_.begin(), path_.end(), node);
    const bool closes = open != path_.end();
    if (closes) path_.erase(path_.begin(), open);
    path_.push_back(node);
    if (closes) return true;
    const auto found = graph_.find(node);
    if (found != graph_.end()) {
      for (const std::string& next : found->second) {
        if (Visit(next)) return true;
      }
    }
    path_.pop_back();
    done_.insert(node);
    return false;
  }

  const Graph& graph_;
  std::vector<std::string> path_;
  std::set<std::string> done_;
};

inline void AddCircle(const Graph& graph, const std::string& kind, Faults& faults) {
  std::string text;
  for (const std::string& node : CircleFinder(graph).Find()) text += (text.empty() ? "" : " -> ") + node;
  if (!text.empty()) faults.push_back("a circle of " + kind + ": " + text);
}

inline Faults CheckIncludes(const Tree& tree) {
  Faults faults;
  Graph files;
  Graph rooms;
  for (const auto& [path, text] : tree) {
    if (!IsCode(path)) continue;
    if (RoomOf(path) == nullptr) faults.push_back(path + ": in no folder of the house");
    for (const Include& include : IncludesOf(text)) {
      const auto fault = include.quoted ? FloorFault(path, include.header) : DoorFault(path, include.header);
      if (fault) faults.push_back(*fault);
      if (!include.quoted) continue;
      files[path].insert(include.header);
      const Room* from = RoomOf(path);
      const Room* to = RoomOf(include.header);
      if (from != nullptr && to != nullptr && from != to)
        rooms[std::string(from->folder)].insert(std::string(to->folder));
    }
  }
  AddCircle(files, "files", faults);
  AddCircle(rooms, "folders", faults);
  return faults;
}

// The libraries that a header lets its users see, itself and by what it includes.
inline bool ShowsLibrary(const Tree& tree, const std::string& path, std::set<std::string>& seen) {
  const auto found = tree.find(path);
  if (found == tree.end() || !seen.insert(path).second) return false;
  const auto includes = IncludesOf(found->second);
  return std::any_of(includes.begin(), includes.end(), [&](const Include& include) {
    return include.quoted ? ShowsLibrary(tree, include.header, seen)
                          : !IsSystemHeader(include.header) && !include.header.starts_with("fmt/");
  });
}

inline Faults CheckLeaks(const Tree& tree) {
  Faults faults;
  for (const auto& [path, text] : tree) {
    if (!IsCode(path)) continue;
    for (const Include& include : IncludesOf(text)) {
      std::set<std::string> seen;
      if (include.quoted && RoomOf(path) != RoomOf(include.header) && ShowsLibrary(tree, include.header, seen)) {
        faults.push_back(path + " includes " + include.header + ": that shows it the headers of a library");
      }
    }
  }
  return faults;
}

inline std::size_t LineCount(const std::string& text) {
  const auto ends = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  return ends + (text.empty() || text.ends_with('\n') ? 0 : 1);
}

inline Faults CheckSizes(const Tree& tree) {
  Faults faults;
  for (const auto& [path, text] : tree) {
    const std::size_t lines = LineCount(text);
    const bool readme = path.ends_with("/README.md");
    const std::size_t limit = readme ? kReadmeLines : kFileLines;
    if ((readme || IsCode(path) || path.ends_with(".lua")) && lines > limit) {
      faults.push_back(path + " has " + std::to_string(lines) + " lines; the stop is " + std::to_string(limit));
    }
  }
  return faults;
}

inline Faults CheckReadmes(const Tree& tree) {
  std::set<std::string> missing;
  for (const auto& [path, text] : tree) {
    const Room* room = RoomOf(path);
    if (room != nullptr) missing.insert(std::string(room->folder) + "/README.md");
  }
  Faults faults;
  for (const std::string& path : missing) {
    if (!tree.contains(path)) faults.push_back(path + " is missing");
  }
  return faults;
}

}  // namespace sealpost::tests::house
