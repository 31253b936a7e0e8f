#include "mailer/message/mime.h"

#include <utility>

#include "mailer/message/encoding.h"

namespace sealpost::message {

namespace {

class EntityWriter {
 public:
  EntityWriter(std::string& out, std::string_view seed, std::string_view unbreakable)
      : out_(out), seed_(seed), unbreakable_(unbreakable) {}

  // Without a line end after the last line: the next boundary brings it.
  void Write(const Part& part) {
    if (part.children.empty()) return WriteLeaf(part);
    // "=_" occurs in no quoted-printable and no base64 text, so the boundary needs no search through the parts
    // (RFC 2045 6.7); the random seed keeps it from what comes before and after the MIME text.
    const std::string boundary = "=_" + std::to_string(++boundaries_) + "_" + std::string(seed_);
    out_ += "Content-Type: multipart/" + part.subtype + ";\r\n boundary=\"" + boundary + "\"";
    if (part.subtype == "related") out_ += ";\r\n type=\"text/html\"";
    out_ += "\r\n";
    for (const Part& child : part.children) {
      out_ += "\r\n--" + boundary + "\r\n";
      Write(child);
    }
    out_ += "\r\n--" + boundary + "--";
  }

 private:
  void WriteLeaf(const Part& part) {
    out_ += part.fields;
    out_ += "\r\n";
    const std::size_t begin = out_.size();
    if (part.is_text) {
      AppendQuotedPrintable(out_, part.content, unbreakable_);
    } else {
      AppendBase64Lines(out_, part.content);
    }
    if (part.span != nullptr) *part.span = {begin, out_.size() - begin};
  }

  std::string& out_;
  std::string_view seed_;
  std::string_view unbreakable_;
  int boundaries_ = 0;
};

}  // namespace

Part TextPart(std::string_view subtype, std::string_view content, model::Span* span) {
  Part part;
  part.fields = "Content-Type: text/" + std::string(subtype) +
                "; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n";
  part.content = content;
  part.is_text = true;
  part.span = span;
  return part;
}

Part DataPart(std::string fields, std::string_view content) {
  Part part;
  part.fields = std::move(fields) + "Content-Transfer-Encoding: base64\r\n";
  part.content = content;
  return part;
}

Part Multipart(std::string_view subtype, std::vector<Part> children) {
  if (children.size() == 1) return std::move(children.front());
  Part part;
  part.subtype = subtype;
  part.children = std::move(children);
  return part;
}

void AppendEntity(std::string& out, const Part& root, std::string_view seed, std::string_view unbreakable) {
  EntityWriter(out, seed, unbreakable).Write(root);
  if (!out.ends_with("\r\n")) out += "\r\n";
}

}  // namespace sealpost::message
