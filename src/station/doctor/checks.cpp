#include "station/doctor/checks.h"

namespace imprint::station::doctor {

void Checks::ok(const char* name, std::string found, Facts facts) {
    checks_.push_back({.name = name, .found = std::move(found), .facts = std::move(facts)});
}

void Checks::warn(const char* name, std::string found, std::string hint, Facts facts) {
    checks_.push_back({.name = name,
                       .health = Health::warning,
                       .found = std::move(found),
                       .hint = std::move(hint),
                       .facts = std::move(facts)});
}

void Checks::failed(const char* name, const Error& error, Facts facts) {
    checks_.push_back({.name = name,
                       .health = Health::failure,
                       .found = error.reason(),
                       .hint = error.shown_hint(),
                       .code = error.code,
                       .kind = error.kind,
                       .facts = std::move(facts)});
}

}  // namespace imprint::station::doctor
