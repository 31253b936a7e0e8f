#include "api/pages/unsubscribe.h"

#include <string>
#include <string_view>

#include "api/http/html.h"
#include "api/pages/one_click.h"

namespace sealpost::pages {

namespace {

using http::EscapeHtml;

std::string Button(std::string_view action, std::string_view label, std::string_view look = "") {
  return "<form method=\"post\"><button class=\"" + std::string(look) + "\" name=\"action\" value=\"" +
         std::string(action) + "\">" + std::string(label) + "</button></form>";
}

std::string Card(std::string_view title, const std::string& inner) {
  return "<section class=\"card narrow\"><h1>" + std::string(title) + "</h1>" + inner + "</section>";
}

http::Response Unknown() {
  return http::Page(
      404, "Link not recognised",
      Card("This link is not recognised",
           "<p>It may have been cut off by a mail program. Open the unsubscribe link of the message again, or copy "
           "the whole of it.</p>"));
}

http::Response Trouble() {
  return http::Page(
      503, "Try again",
      Card("That did not work", "<p>Nothing was changed. Please try again in a minute; the link stays valid.</p>"));
}

http::Response Show(const recipients::Subscription& subscription) {
  const std::string who = "<strong>" + EscapeHtml(subscription.masked_address) + "</strong>";
  const std::string topic = "<strong>" + EscapeHtml(subscription.topic_name) + "</strong>";
  if (subscription.opted_out) {
    return http::Page(200, "Unsubscribed",
                      Card("You are unsubscribed", "<p>" + who + " gets no more mail about " + topic +
                                                       ".</p><p class=\"muted\">That was a mistake? Take it back:</p>" +
                                                       Button("resubscribe", "Subscribe again", "quiet")));
  }
  return http::Page(200, "Unsubscribe",
                    Card("Unsubscribe?",
                         "<p>Stop mail about " + topic + " to " + who + "?</p>" + Button("unsubscribe", "Unsubscribe") +
                             "<p class=\"muted\">Other mail, such as receipts and security notices, still comes.</p>"));
}

http::Response Answer(const base::Result<recipients::Subscription>& result) {
  if (result) return Show(*result);
  return result.error().kind == base::ErrorKind::kNotFound ? Unknown() : Trouble();
}

http::Response Act(recipients::Recipients& recipients, const http::Request& request) {
  const std::string& token = request.parameters.at("token");
  if (IsOneClick(request)) {
    const auto result = recipients.Unsubscribe(token, "one_click");
    // The same answer for known and unknown tokens: a mailbox provider is told nothing about other people's.
    if (!result && result.error().kind != base::ErrorKind::kNotFound) return Trouble();
    return {200, "text/plain; charset=utf-8", "Unsubscribed.\n", {}};
  }
  if (request.body == "action=unsubscribe") return Answer(recipients.Unsubscribe(token, "page"));
  if (request.body == "action=resubscribe") return Answer(recipients.Resubscribe(token));
  return Answer(recipients.Look(token));
}

}  // namespace

void AddUnsubscribe(http::Router& router, recipients::Recipients& recipients) {
  router.Add("GET", "/u/{token}", http::Access::kPublic, [&recipients](const http::Request& request) {
    return Answer(recipients.Look(request.parameters.at("token")));
  });
  router.Add("POST", "/u/{token}", http::Access::kPublic,
             [&recipients](const http::Request& request) { return Act(recipients, request); });
}

}  // namespace sealpost::pages
