// From a validated request to the bytes that leave the house, once for all its recipients.
//
// Rules: RFC 5322, 2045-2047, 2231, 2369, 2919, 8058, 3834; lines at most 998 octets (78 preferred), CRLF only,
// 7-bit. Fields that are ours (From, Date, Message-ID, MIME-*, List-*, Auto-Submitted, Feedback-ID, DKIM-Signature,
// Return-Path, Received, Bcc, Sender...) cannot be set through `headers`; List-Unsubscribe and its -Post can when there
// is no topic. Pure: time and randomness are handed in.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "mailer/base/clock.h"
#include "mailer/base/error.h"
#include "mailer/model/address.h"
#include "mailer/model/raw_message.h"

namespace sealpost::message {

struct Attachment {
  std::string filename;      // UTF-8; made safe by the composer
  std::string content_type;  // "" guesses by the filename, application/octet-stream otherwise
  std::string content_id;    // not empty: inline part of the html (cid:)
  std::string content;       // the bytes themselves
};

struct ListHeaders {            // a message with a topic
  std::string unsubscribe_url;  // whole, with `slot_marker` where the token belongs
  std::string list_id;          // "topic-id.example.com"
  std::string list_name;        // phrase before it; may be empty
};

struct Content {
  model::Mailbox from;
  std::vector<model::Mailbox> to, cc, reply_to;
  std::string subject;                                       // UTF-8
  std::string text, html;                                    // UTF-8, any line ends; at least one not empty
  std::vector<std::pair<std::string, std::string>> headers;  // the caller's own
  std::vector<Attachment> attachments;
  std::string message_id;  // "<...@...>"
  base::Time date;
  std::string feedback_id;
  bool has_list = false;
  ListHeaders list;
  // Stands for the unsubscribe token in unsubscribe_url, text and html: base::TokenSigner::kUrlWidth characters of
  // [A-Za-z0-9_-], random per message so that no content can forge it. Every occurrence becomes a slot.
  std::string slot_marker;
  // 128 random bits as text for MIME boundaries, checked not to occur in a part.
  std::string boundary_seed;
};

// The message is mixed(alternative(text, related(html, inline attachments)), attachments), every level left out that
// would have one part. Text is quoted-printable, all else base64. Without html an inline attachment is an ordinary one.
// White space around the subject and around the caller's header values is dropped.
// Refuses, naming the field by its path in the request ("subject", "headers/X-Team", "attachments/0/filename"): CR, LF
// or NUL in a header value, NUL in a body, invalid UTF-8, a header name that is reserved or malformed, header fields
// above 64 KiB in all, a malformed content type or content id, a List-Unsubscribe that is not made of <URI>s.
base::Result<model::RawMessage> Compose(const Content& content);

// "Message-ID" and friends, which a caller may never set. (Case-insensitive.) False for List-Unsubscribe and
// List-Unsubscribe-Post: Compose alone knows whether there is a topic.
bool IsReservedHeader(std::string_view name);

}  // namespace sealpost::message
