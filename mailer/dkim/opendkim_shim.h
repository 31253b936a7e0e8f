/* The one door to libopendkim, whose header is C and not C++. One call judges one message. */
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The caller's duty: libopendkim itself takes any number. */
enum { kOpendkimMaxSignatures = 20 };

typedef struct {
  const char* data;
  size_t size;
} OpendkimText;

typedef enum { kOpendkimPass, kOpendkimFail, kOpendkimPermError, kOpendkimTempError } OpendkimOutcome;

/* Strings are never null and live until the callback returns. */
typedef struct {
  const char* algorithm;
  const char* domain;
  const char* selector;
  OpendkimOutcome outcome;
  const char* detail; /* "" on pass */
} OpendkimSignature;

typedef enum { kOpendkimKeyFound, kOpendkimKeyAbsent, kOpendkimKeyUnreachable } OpendkimKeyState;

/* The callbacks must not throw. */
typedef struct {
  void* context;
  /* Writes the key's TXT value and its NUL into `record`; "" stands for one that is of no use. */
  OpendkimKeyState (*find_key)(void* context, const char* selector, const char* domain, char* record, size_t capacity);
  /* Called for each signature, in the order of the fields. */
  void (*report)(void* context, const OpendkimSignature* signature);
} OpendkimListener;

/* `fields` are whole header fields without their last CRLF, none empty, at most kOpendkimMaxSignatures of them
   DKIM-Signature. Null on success, else libopendkim's word for why it could not work. Thread safe. */
const char* OpendkimJudge(const OpendkimText* fields, size_t field_count, OpendkimText body,
                          const OpendkimListener* listener);

#ifdef __cplusplus
}
#endif
