#include "mailer/message/headers.h"

#include <algorithm>

#include "mailer/message/encoding.h"
#include "mailer/model/utf8.h"

namespace sealpost::message {

namespace {

constexpr std::size_t kLinePreferred = 76;      // RFC 2047 2 for lines with encoded-words; below the 78 of RFC 5322
constexpr std::size_t kEncodedWordAtMost = 75;  // RFC 2047 2
constexpr std::size_t kEncodedWordFrame = 12;   // "=?UTF-8?Q?" and "?="
constexpr std::size_t kWorthStarting = 40;      // less room than this is not worth an encoded-word on the line
constexpr std::size_t kSpaceAtMost = 60;        // longer runs of white space would make lines of nothing else
constexpr std::size_t kPlainPhraseAtMost = 60;  // longer ones are encoded, because a quoted string is not folded here

bool IsSpace(char c) {
  return c == ' ' || c == '\t';
}

// What the strictest place, a phrase, lets an encoded-word show as it is (RFC 2047 5 (3)).
bool IsBareInWord(unsigned char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '!' || c == '*' ||
         c == '+' || c == '-' || c == '/';
}

std::size_t QCost(std::string_view text) {
  std::size_t cost = 0;
  for (const char c : text) cost += c == ' ' || IsBareInWord(static_cast<unsigned char>(c)) ? 1 : 3;
  return cost;
}

void AppendQ(std::string& out, std::string_view text) {
  constexpr char kHexDigits[] = "0123456789ABCDEF";
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == ' ') {
      out += '_';
    } else if (IsBareInWord(octet)) {
      out += c;
    } else {
      out += '=';
      out += kHexDigits[octet >> 4];
      out += kHexDigits[octet & 0x0F];
    }
  }
}

struct Chunk {
  std::size_t length = 0;  // octets of the text
  bool as_q = true;
};

// The longest run of whole characters at the start of `text` whose encoding fits into `room`.
Chunk TakeQ(std::string_view text, std::size_t room) {
  std::size_t taken = 0, cost = 0;
  while (taken < text.size()) {
    const std::size_t length = std::max<std::size_t>(model::FirstCodePoint(text.substr(taken)).length, 1);
    cost += QCost(text.substr(taken, length));
    if (cost > room) break;
    taken += length;
  }
  return {taken, true};
}

// The same in base64, where only the last chunk may need padding: some readers join neighbours of one encoding before
// they decode, and stop at the padding. A text that has no such place within `room` goes on in Q.
Chunk TakeB(std::string_view text, std::size_t room) {
  const std::size_t budget = room / 4 * 3;
  if (text.size() <= budget) return {text.size(), false};
  std::size_t unpadded = 0;
  for (std::size_t taken = 0; taken <= budget;) {
    if (taken % 3 == 0) unpadded = taken;
    taken += std::max<std::size_t>(model::FirstCodePoint(text.substr(taken)).length, 1);
  }
  return unpadded > 0 ? Chunk{unpadded, false} : TakeQ(text, room);
}

bool NeedsEncoding(std::string_view word) {
  const auto outside = [](char c) {
    return static_cast<unsigned char>(c) < 0x21 || static_cast<unsigned char>(c) > 0x7E;
  };
  return word.size() > kWordAtMost || word.find("=?") != std::string_view::npos ||
         std::any_of(word.begin(), word.end(), outside);
}

// One field under way: knows its column, so it can fold.
class FieldWriter {
 public:
  FieldWriter(std::string& out, std::string_view name) : out_(out), column_(name.size() + 1) {
    out_ += name;
    out_ += ':';
  }

  // Octets that are neither broken nor encoded, after `space`.
  void Word(std::string_view word, std::string_view space = " ") {
    Separate(space, word.size());
    out_ += word;
    column_ += word.size();
  }

  // `text` as encoded-words.
  void Encoded(std::string_view text, std::string_view space = " ") {
    const std::size_t q_cost = QCost(text);
    const bool prefer_q = q_cost <= (text.size() + 2) / 3 * 4;
    while (!text.empty()) {
      Separate(space, std::min(kWorthStarting, kEncodedWordFrame + q_cost));
      const std::size_t left = kLinePreferred - std::min(column_, kLinePreferred - kWorthStarting);
      const std::size_t room = std::min(left, kEncodedWordAtMost) - kEncodedWordFrame;
      const Chunk chunk = prefer_q ? TakeQ(text, room) : TakeB(text, room);
      const std::size_t begin = out_.size();
      out_ += chunk.as_q ? "=?UTF-8?Q?" : "=?UTF-8?B?";
      if (chunk.as_q) {
        AppendQ(out_, text.substr(0, chunk.length));
      } else {
        AppendBase64Lines(out_, text.substr(0, chunk.length));
      }
      out_ += "?=";
      column_ += out_.size() - begin;
      text.remove_prefix(chunk.length);
      space = " ";
    }
  }

  void Phrase(std::string_view text) {
    if (text.size() > kPlainPhraseAtMost || text.find("=?") != std::string_view::npos ||
        !std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; })) {
      return Encoded(text);
    }
    Word(model::QuotePhrase(text));
  }

  void End() { out_ += "\r\n"; }

 private:
  // The first word never goes to a line of its own: "Name:" alone on a line is mangled by some relays.
  void Separate(std::string_view space, std::size_t next) {
    if (first_) {
      space = " ";
    } else if (column_ + space.size() + next > kLinePreferred) {
      out_ += "\r\n";
      column_ = 0;
    }
    out_ += space;
    column_ += space.size();
    first_ = false;
  }

  std::string& out_;
  std::size_t column_;
  bool first_ = true;
};

// White space and the word after it.
struct Piece {
  std::string_view space, word;
};

Piece TakePiece(std::string_view& text) {
  const auto word = std::find_if_not(text.begin(), text.end(), IsSpace);
  const auto end = std::find_if(word, text.end(), IsSpace);
  const Piece piece{{text.begin(), word}, {word, end}};
  text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
  return piece;
}

std::string_view TrimEnd(std::string_view text) {
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

void AppendText(std::string& out, std::string_view name, std::string_view value) {
  FieldWriter writer(out, name);
  value = TrimEnd(value);
  value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
  // Readers drop the white space between two encoded-words, so neighbours that need encoding are encoded as one text.
  std::string_view run, run_space;
  const auto flush = [&] {
    if (!run.empty()) writer.Encoded(run, run_space);
    run = {};
  };
  while (!value.empty()) {
    const Piece piece = TakePiece(value);
    if (!NeedsEncoding(piece.word) && piece.space.size() <= kSpaceAtMost) {
      flush();
      writer.Word(piece.word, piece.space);
    } else if (run.empty()) {
      run_space = piece.space.substr(0, 1);
      const char* begin = piece.space.data() + run_space.size();
      run = {begin, static_cast<std::size_t>(piece.word.data() + piece.word.size() - begin)};
    } else {
      run = {run.data(), static_cast<std::size_t>(piece.word.data() + piece.word.size() - run.data())};
    }
  }
  flush();
  writer.End();
}

void AppendWords(std::string& out, std::string_view name, std::string_view value) {
  FieldWriter writer(out, name);
  value = TrimEnd(value);
  while (!value.empty()) writer.Word(TakePiece(value).word);
  writer.End();
}

void AppendMailboxes(std::string& out, std::string_view name, const std::vector<model::Mailbox>& mailboxes) {
  if (mailboxes.empty()) return;
  FieldWriter writer(out, name);
  for (std::size_t i = 0; i < mailboxes.size(); ++i) {
    const model::Mailbox& mailbox = mailboxes[i];
    const char* comma = i + 1 < mailboxes.size() ? "," : "";
    if (mailbox.name.empty()) {
      writer.Word(mailbox.address.ToString() + comma);
    } else {
      writer.Phrase(mailbox.name);
      writer.Word("<" + mailbox.address.ToString() + ">" + comma);
    }
  }
  writer.End();
}

void AppendPhraseAndToken(std::string& out, std::string_view name, std::string_view phrase, std::string_view token) {
  FieldWriter writer(out, name);
  if (!phrase.empty()) writer.Phrase(phrase);
  writer.Word("<" + std::string(token) + ">");
  writer.End();
}

}  // namespace sealpost::message
