// What people do who attack nobody. Every line is legitimate.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "tests/traces/maker.h"

namespace sealpost::tests {

struct Person {
  std::string local;
  std::string domain;
  std::string client_ip;
  bool confirmed;
};

inline Person AnyPerson(Maker& maker, std::size_t number) {
  constexpr std::array<std::string_view, 8> kMailers{"gmail.com", "gmail.com",  "outlook.com", "yahoo.com",
                                                     "gmx.de",    "icloud.com", "proton.me",   "web.de"};
  const bool at_home = maker.Chance(60);
  return {.local = maker.Word(5) + std::to_string(number),
          .domain = at_home ? std::string(kMailers[maker.Pick(kMailers.size())])
                            : "firm-" + std::to_string(maker.Pick(800)) + ".example",
          .client_ip = SourceNumber(maker.Pick(4'000)),
          .confirmed = maker.Chance(85)};
}

// Most of a day's mail is asked for between eight and ten in the evening.
inline std::int64_t TimeOfDay(Maker& maker) {
  return maker.Chance(90) ? maker.Between(8 * kHour, 22 * kHour) : maker.Between(0, kDay - kHour);
}

inline ratelimit::TraceEntry& AddFor(Maker& maker, const Person& person, std::int64_t at,
                                     ratelimit::Category category) {
  auto& entry = maker.Add(at, person.local, person.domain, category);
  entry.client_ip = person.client_ip;
  entry.key = "key-1";
  entry.confirmed = person.confirmed;
  entry.legitimate = true;
  return entry;
}

// One thing that happens to a person, and what follows when the mail does not come at once: a form lets people ask
// again after half a minute for a code, after a minute for a link.
inline void Happen(Maker& maker, Person& person) {
  using enum ratelimit::Category;
  constexpr std::array kKinds{kOtp,          kOtp,           kOtp,          kOtp,          kReceipt,
                              kReceipt,      kReceipt,       kReceipt,      kNotification, kNotification,
                              kNotification, kPasswordReset, kSecurityAlert};
  const std::int64_t at = TimeOfDay(maker);
  const auto category = person.confirmed ? kKinds[maker.Pick(kKinds.size())] : kSignupConfirmation;
  AddFor(maker, person, at, category);
  const bool waits = category == kOtp || category == kPasswordReset || category == kSignupConfirmation;
  const std::int64_t least = category == kOtp ? 31 * kSecond : 61 * kSecond;
  if (waits && maker.Chance(12)) AddFor(maker, person, at + maker.Between(least, least + 4 * kMinute), category);
}

inline ratelimit::Trace OrdinaryDay(std::uint32_t seed) {
  Maker maker(seed);
  std::vector<Person> people;
  for (std::size_t i = 0; i < 6'000; ++i) {
    people.push_back(AnyPerson(maker, i));
    Happen(maker, people.back());
  }
  while (maker.size() < 9'000) {
    Person& person = people[maker.Pick(people.size())];
    if (person.confirmed) Happen(maker, person);
  }
  return maker.Take();
}

// An office behind one address logs in within ten minutes.
inline ratelimit::Trace Office(std::uint32_t seed) {
  Maker maker(seed);
  for (std::size_t i = 0; i < 300; ++i) {
    const Person person{"staff-" + std::to_string(i), "firm.example", "192.0.2.10", true};
    AddFor(maker, person, maker.Between(0, 10 * kMinute), ratelimit::Category::kOtp);
  }
  return maker.Take();
}

inline ratelimit::Trace Impatient(std::uint32_t seed) {
  Maker maker(seed);
  const Person person{"ann", "example.org", "192.0.2.1", maker.Chance(50)};
  for (std::int64_t at : {0, 45, 100, 180, 260}) {
    AddFor(maker, person, (at + maker.Between(0, 5)) * kSecond, ratelimit::Category::kOtp);
  }
  return maker.Take();
}

// The admin of a verified workspace brings 200 colleagues in, within five minutes.
inline ratelimit::Trace Onboarding(std::uint32_t seed) {
  Maker maker(seed);
  for (std::size_t i = 0; i < 200; ++i) {
    const Person person{"colleague-" + std::to_string(i), "firm.example", "192.0.2.10", false};
    auto& entry = AddFor(maker, person, maker.Between(0, 5 * kMinute), ratelimit::Category::kInvitation);
    entry.inviter = "admin";
    entry.workspace = "firm";
    entry.workspace_verified = true;
  }
  return maker.Take();
}

inline ratelimit::Trace OnCall(std::uint32_t seed) {
  Maker maker(seed);
  const Person person{"on-call", "example.org", "", true};
  for (std::int64_t minute = 0; minute < 60; ++minute) {
    auto& entry = AddFor(maker, person, minute * kMinute, ratelimit::Category::kNotification);
    entry.content = "alert " + std::to_string(minute) + maker.Word(3);
  }
  return maker.Take();
}

// A tester with thirty tags of one mailbox at a domain of the firm. More than a family gets: known and accepted.
inline ratelimit::Trace Testers(std::uint32_t seed) {
  Maker maker(seed);
  for (std::size_t i = 0; i < 30; ++i) {
    const Person person{"qa+" + std::to_string(i), "firm.example", "192.0.2.10", false};
    AddFor(maker, person, maker.Between(0, kHour), ratelimit::Category::kSignupConfirmation);
  }
  return maker.Take();
}

// A shop's day through a client that knows nothing of us: no category, no address of the buyer, nobody confirmed. A
// sale at noon. Three or four mails an order, and people who order again.
inline ratelimit::Trace Shop(std::uint32_t seed) {
  Maker maker(seed);
  std::vector<Person> people;
  for (std::size_t i = 0; i < 3'000; ++i) {
    const bool again = !people.empty() && maker.Chance(5);
    Person person = again ? people[maker.Pick(people.size())] : AnyPerson(maker, i);
    person.client_ip.clear();
    person.confirmed = false;
    std::int64_t at = maker.Chance(30) ? maker.Between(12 * kHour, 13 * kHour) : maker.Between(0, 20 * kHour);
    const std::int64_t mails = maker.Between(3, 4);
    for (std::int64_t mail = 0; mail < mails; ++mail) {
      AddFor(maker, person, at, ratelimit::Category::kUncategorized);
      at += mail == 0 ? maker.Between(5, 60) * kSecond : maker.Between(kMinute, 90 * kMinute);
    }
    people.push_back(std::move(person));
  }
  return maker.Take();
}

}  // namespace sealpost::tests
