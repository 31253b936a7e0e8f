#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>

#include "api/app/commands/commands.h"
#include "mailer/base/files.h"
#include "mailer/base/json.h"
#include "mailer/submit/template_data.h"
#include "templates/mustache.h"

namespace sealpost::app {

namespace {

struct RenderOptions {
  std::string file, data = "{}";
  bool html = false, text = false;
};

int Render(const RenderOptions& options) {
  const auto source = base::ReadFile(options.file);
  if (!source) return Complain(source.error());
  const auto document = base::JsonDocument::Parse(options.data);
  if (!document || !document->Root().IsObject()) return Complain(kUsage, "--data is not a JSON object");
  const bool html = options.html || (!options.text && options.file.ends_with(".html"));
  const auto place = [&](const templates::TemplateError& error) {
    return options.file + ":" + std::to_string(error.line) + ":" + std::to_string(error.column) + ": " + error.message;
  };
  const auto parsed = templates::Template::Parse(*source);
  if (!parsed) return Complain(kBad, place(parsed.error()));
  const auto data = submit::ToValue(document->Root());
  const auto rendered = parsed->Render(std::get<templates::Object>(data.data),
                                       html ? templates::Kind::kHtml : templates::Kind::kText, {"UNSUBSCRIBE_URL"});
  if (!rendered) return Complain(kBad, place(rendered.error()));
  std::fwrite(rendered->data(), 1, rendered->size(), stdout);
  return kOk;
}

}  // namespace

void AddRender(CLI::App& app, int& exit_code) {
  CLI::App* render =
      app.add_subcommand("render", "Render a template file, strictly: a missing variable is an error with its place");
  auto options = std::make_shared<RenderOptions>();
  render->add_option("template", options->file, "Template file; *.html is escaped as HTML")->required();
  render->add_option("--data", options->data, "Variables as a JSON object")->capture_default_str();
  CLI::Option* html = render->add_flag("--html", options->html, "Escape for HTML whatever the file is called");
  render->add_flag("--text", options->text, "Do not escape")->excludes(html);
  render->callback([options, &exit_code] { exit_code = Render(*options); });
}

}  // namespace sealpost::app
