/* libopendkim's header wants u_char, which is not of standard C. */
#define _DEFAULT_SOURCE

#include "mailer/dkim/opendkim_shim.h"

#include <opendkim/dkim.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* libopendkim reserves room for as many selected fields as the message has and, if h= names one more than that,
   clears the place behind the last. A field that no h= can name, because of its space, keeps one place free. */
static unsigned char kSpareField[] = "Spare field: x";

static const char kSignatureName[] = "DKIM-Signature:";

static const char* OrEmpty(const void* text) {
  return text == NULL ? "" : text;
}

static DKIM_CBSTAT FindKey(DKIM* message, DKIM_SIGINFO* signature, unsigned char* record, size_t capacity) {
  const OpendkimListener* listener = dkim_get_user_context(message);
  const char* selector = OrEmpty(dkim_sig_getselector(signature));
  const char* domain = OrEmpty(dkim_sig_getdomain(signature));
  switch (listener->find_key(listener->context, selector, domain, (char*)record, capacity)) {
    case kOpendkimKeyFound:
      return DKIM_CBSTAT_CONTINUE;
    case kOpendkimKeyAbsent:
      return DKIM_CBSTAT_NOTFOUND;
    default:
      dkim_sig_seterror(signature, DKIM_SIGERROR_KEYFAIL);
      return DKIM_CBSTAT_TRYAGAIN;
  }
}

static bool IsSignatureField(OpendkimText field) {
  const size_t name = sizeof kSignatureName - 2;
  size_t colon = name;
  if (field.size <= name || strncasecmp(field.data, kSignatureName, name) != 0) return false;
  /* Not a tab: with one there libopendkim takes the field for no field at all. */
  while (colon < field.size && field.data[colon] == ' ') ++colon;
  return colon < field.size && field.data[colon] == ':';
}

static OpendkimOutcome OutcomeOfError(int error) {
  switch (error) {
    case DKIM_SIGERROR_BADSIG:
    case DKIM_SIGERROR_EXPIRED:
      return kOpendkimFail;
    case DKIM_SIGERROR_KEYFAIL:
    case DKIM_SIGERROR_UNKNOWN:
      return kOpendkimTempError;
    default:
      return kOpendkimPermError;
  }
}

static void Judge(DKIM_SIGINFO* info, bool malformed, OpendkimSignature* result) {
  const int error = dkim_sig_geterror(info);
  dkim_alg_t algorithm = DKIM_SIGN_UNKNOWN;
  dkim_sig_getsignalg(info, &algorithm);
  if (malformed) {
    result->outcome = kOpendkimPermError;
    result->detail = "malformed signature";
  } else if (error == DKIM_SIGERROR_OK && DKIM_SIG_CHECK(info) && algorithm == DKIM_SIGN_RSASHA1) {
    result->outcome = kOpendkimPermError; /* RFC 8301 3.1: no signature at all */
    result->detail = "rsa-sha1 is obsolete";
  } else if (error == DKIM_SIGERROR_OK && DKIM_SIG_CHECK(info)) {
    result->outcome = kOpendkimPass;
    result->detail = "";
  } else {
    result->outcome = OutcomeOfError(error);
    result->detail =
        dkim_sig_getbh(info) == DKIM_SIGBH_MISMATCH ? "body hash mismatch" : OrEmpty(dkim_sig_geterrorstr(error));
  }
}

static void ReportAll(DKIM* message, const bool* malformed, const OpendkimListener* listener) {
  DKIM_SIGINFO** list = NULL;
  int count = 0;
  if (dkim_getsiglist(message, &list, &count) != DKIM_STAT_OK) return;
  for (int i = 0; i < count && i < kOpendkimMaxSignatures; ++i) {
    OpendkimSignature result;
    result.algorithm = OrEmpty(dkim_sig_getalgorithm(list[i]));
    result.domain = OrEmpty(dkim_sig_getdomain(list[i]));
    result.selector = OrEmpty(dkim_sig_getselector(list[i]));
    Judge(list[i], malformed[i], &result);
    listener->report(listener->context, &result);
  }
}

static DKIM_STAT FeedBody(DKIM* message, OpendkimText body) {
  static unsigned char line_end[] = "\r\n";
  DKIM_STAT status = DKIM_STAT_OK;
  if (body.size == 0) return status;
  status = dkim_body(message, (unsigned char*)body.data, body.size);
  /* Both canonicalizations add what is missing here (RFC 6376 3.4.3, 3.4.4); libopendkim gives up instead. */
  if (status == DKIM_STAT_OK && (body.size < 2 || memcmp(body.data + body.size - 2, line_end, 2) != 0)) {
    status = dkim_body(message, line_end, 2);
  }
  return status;
}

/* Fields one by one and not dkim_chunk, because only so each malformed signature can be told from the others. */
static DKIM_STAT FeedHeader(DKIM* message, const OpendkimText* fields, size_t field_count, bool* malformed) {
  size_t signatures = 0;
  DKIM_STAT status = dkim_header(message, kSpareField, sizeof kSpareField - 1);
  for (size_t i = 0; i < field_count && status == DKIM_STAT_OK; ++i) {
    status = dkim_header(message, (unsigned char*)fields[i].data, fields[i].size);
    if (!IsSignatureField(fields[i])) continue;
    if (signatures == kOpendkimMaxSignatures) return DKIM_STAT_NORESOURCE;
    malformed[signatures++] = status == DKIM_STAT_SYNTAX;
    if (status == DKIM_STAT_SYNTAX) status = DKIM_STAT_OK;
  }
  return status == DKIM_STAT_OK ? dkim_eoh(message) : status;
}

/* What dkim_eom says of the message as a whole is the first good signature's affair; only these are ours. */
static DKIM_STAT Finish(DKIM* message) {
  const DKIM_STAT status = dkim_eom(message, NULL);
  const bool broken = status == DKIM_STAT_SYNTAX || status == DKIM_STAT_NORESOURCE || status == DKIM_STAT_INTERNAL ||
                      status == DKIM_STAT_INVALID;
  return broken ? status : DKIM_STAT_OK;
}

const char* OpendkimJudge(const OpendkimText* fields, size_t field_count, OpendkimText body,
                          const OpendkimListener* listener) {
  bool malformed[kOpendkimMaxSignatures] = {false};
  DKIM_STAT status = DKIM_STAT_NORESOURCE;
  /* Delayed, because otherwise one key that cannot be had ends the work on all signatures. */
  unsigned int flags = DKIM_LIBFLAGS_BADSIGHANDLES | DKIM_LIBFLAGS_DELAYSIGPROC;
  DKIM_LIB* library = dkim_init(NULL, NULL);
  DKIM* message = NULL;
  if (library == NULL) return "no memory";
  dkim_options(library, DKIM_OP_SETOPT, DKIM_OPTS_FLAGS, &flags, sizeof flags);
  dkim_set_key_lookup(library, FindKey);
  message = dkim_verify(library, (const unsigned char*)"sealpost", NULL, &status);
  if (message != NULL) {
    dkim_set_user_context(message, (void*)listener);
    status = FeedHeader(message, fields, field_count, malformed);
    if (status == DKIM_STAT_OK) status = FeedBody(message, body);
    if (status == DKIM_STAT_OK) status = Finish(message);
    if (status == DKIM_STAT_OK) ReportAll(message, malformed, listener);
    dkim_free(message);
  }
  dkim_close(library);
  return status == DKIM_STAT_OK || status == DKIM_STAT_NOSIG ? NULL : OrEmpty(dkim_getresultstr(status));
}
