// Reads a message with GMime, a parser that shares no code with ours, into plain values.
#pragma once

#include <gmime/gmime.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace oracle {

struct Part {
  std::string type;  // "text/plain"
  std::string charset, disposition, filename, content_id;
  std::string content;  // decoded
  std::vector<Part> children;
};

struct Message {
  std::string subject, message_id;
  std::vector<std::pair<std::string, std::string>> from, to, cc, reply_to;  // name, address
  std::vector<std::pair<std::string, std::string>> headers;                 // name, decoded value
  Part root;

  std::string Header(std::string_view name) const {
    for (const auto& header : headers) {
      if (header.first == name) return header.second;
    }
    return "absent";
  }
};

inline std::string Text(const char* text) {
  return text == nullptr ? std::string() : std::string(text);
}

template <class T>
using Owned = std::unique_ptr<T, decltype([](T* object) { g_object_unref(object); })>;

inline std::vector<std::pair<std::string, std::string>> ReadAddresses(InternetAddressList* list) {
  std::vector<std::pair<std::string, std::string>> addresses;
  const int count = list == nullptr ? 0 : internet_address_list_length(list);
  for (int i = 0; i < count; ++i) {
    InternetAddress* address = internet_address_list_get_address(list, i);
    addresses.emplace_back(Text(internet_address_get_name(address)),
                           INTERNET_ADDRESS_IS_MAILBOX(address)
                               ? Text(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address)))
                               : "no mailbox");
  }
  return addresses;
}

inline std::string ReadContent(GMimePart* part) {
  GMimeDataWrapper* wrapper = g_mime_part_get_content(part);
  if (wrapper == nullptr) return {};
  const Owned<GMimeStream> stream(g_mime_stream_mem_new());
  g_mime_data_wrapper_write_to_stream(wrapper, stream.get());
  const GByteArray* bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream.get()));
  return bytes->len == 0 ? std::string() : std::string(reinterpret_cast<const char*>(bytes->data), bytes->len);
}

inline Part ReadPart(GMimeObject* object) {
  Part part;
  GMimeContentType* type = g_mime_object_get_content_type(object);
  char* mime_type = g_mime_content_type_get_mime_type(type);
  part.type = Text(mime_type);
  g_free(mime_type);
  part.charset = Text(g_mime_content_type_get_parameter(type, "charset"));
  part.disposition = Text(g_mime_object_get_disposition(object));
  part.content_id = Text(g_mime_object_get_content_id(object));
  if (GMIME_IS_MULTIPART(object)) {
    for (int i = 0; i < g_mime_multipart_get_count(GMIME_MULTIPART(object)); ++i) {
      part.children.push_back(ReadPart(g_mime_multipart_get_part(GMIME_MULTIPART(object), i)));
    }
  } else if (GMIME_IS_PART(object)) {
    part.filename = Text(g_mime_part_get_filename(GMIME_PART(object)));
    part.content = ReadContent(GMIME_PART(object));
  }
  return part;
}

inline Message Read(const std::string& bytes) {
  [[maybe_unused]] static const bool ready = (g_mime_init(), true);
  const Owned<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size()));
  const Owned<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
  const Owned<GMimeMessage> parsed(g_mime_parser_construct_message(parser.get(), nullptr));
  Message message;
  if (!parsed) return message;
  message.subject = Text(g_mime_message_get_subject(parsed.get()));
  message.message_id = Text(g_mime_message_get_message_id(parsed.get()));
  message.from = ReadAddresses(g_mime_message_get_from(parsed.get()));
  message.to = ReadAddresses(g_mime_message_get_to(parsed.get()));
  message.cc = ReadAddresses(g_mime_message_get_cc(parsed.get()));
  message.reply_to = ReadAddresses(g_mime_message_get_reply_to(parsed.get()));
  GMimeHeaderList* headers = g_mime_object_get_header_list(GMIME_OBJECT(parsed.get()));
  for (int i = 0; i < g_mime_header_list_get_count(headers); ++i) {
    GMimeHeader* header = g_mime_header_list_get_header_at(headers, i);
    message.headers.emplace_back(Text(g_mime_header_get_name(header)), Text(g_mime_header_get_value(header)));
  }
  GMimeObject* root = g_mime_message_get_mime_part(parsed.get());
  if (root != nullptr) message.root = ReadPart(root);
  return message;
}

}  // namespace oracle
