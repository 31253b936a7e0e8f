// Templates and topics by name, parsed and kept: a send does not read the store for them.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "mailer/base/error.h"
#include "mailer/base/guarded.h"
#include "mailer/model/account.h"
#include "mailer/store/database.h"
#include "templates/mustache.h"

namespace sealpost::submit {

// The published version of a template, ready to render. Immutable.
struct ParsedTemplate {
  std::string id;
  model::TemplateVersion version;
  std::optional<templates::Template> subject, text, html;  // absent: the template has no such part
  std::set<std::string, std::less<>> raw_variables;        // for the html part
};

// Parses all parts; the error names the part, line and column.
base::Result<std::shared_ptr<const ParsedTemplate>> ParseTemplate(const std::string& id,
                                                                  const model::TemplateVersion& version);

// Thread safe. One process owns the store, so what is kept here is current as long as writers call Forget.
class Catalog {
 public:
  explicit Catalog(store::Database& database) : database_(database) {}
  // kNotFound: no such template, or never published.
  base::Result<std::shared_ptr<const ParsedTemplate>> FindTemplate(std::string_view id_or_alias);
  base::Result<std::shared_ptr<const model::Topic>> FindTopic(std::string_view id);
  // After any change of templates.
  void Forget();

 private:
  struct Kept {
    std::uint64_t generation = 0;
    std::map<std::string, std::shared_ptr<const ParsedTemplate>, std::less<>> templates;
    std::map<std::string, std::shared_ptr<const model::Topic>, std::less<>> topics;
  };
  store::Database& database_;
  base::Guarded<Kept> kept_;
};

}  // namespace sealpost::submit
