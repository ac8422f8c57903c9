#include "imprint_identity/wifi.h"

#include <cstring>

#include "imprint_identity/json.h"

namespace imprint_identity {

namespace {

template <std::size_t N>
const char* take(const JsonScalar& scalar, char (&into)[N], const char* too_long) {
    if (scalar.kind != JsonScalar::Kind::string) return "a value is no text";
    if (scalar.cut || scalar.size >= N) return too_long;
    std::memcpy(into, scalar.text, scalar.size);
    into[scalar.size] = '\0';
    return nullptr;
}

// Members of other names are left alone, so that later versions may add some.
const char* take_member(void* context, const JsonScalar& scalar) {
    auto& wifi = *static_cast<WifiSettings*>(context);
    if (std::strcmp(scalar.path, "ssid") == 0)
        return take(scalar, wifi.ssid, "ssid has more than 32 bytes");
    if (std::strcmp(scalar.path, "password") == 0)
        return take(scalar, wifi.password, "password has more than 64 characters");
    if (std::strcmp(scalar.path, "pop") == 0)
        return take(scalar, wifi.pop, "pop has more than 32 characters");
    return nullptr;
}

bool is_hex(const char* text) {
    return std::strspn(text, "0123456789abcdefABCDEF") == std::strlen(text);
}

void wipe(void* at, std::size_t size) {
    volatile auto* byte = static_cast<volatile char*>(at);
    while (size-- != 0)
        *byte++ = 0;
}

}  // namespace

WifiSettings::~WifiSettings() {
    wipe(password, sizeof(password));
    wipe(pop, sizeof(pop));
}

const char* parse_wifi(const char* text, std::size_t size, WifiSettings& into) {
    const JsonResult result = walk_json(text, size, take_member, &into);
    if (result.problem != nullptr) return result.problem;
    const std::size_t length = std::strlen(into.password);
    if (into.ssid[0] == '\0' && length != 0) return "there is a password and no ssid";
    if (length != 0 && length < 8) return "password has less than 8 characters";
    if (length == 64 && !is_hex(into.password))
        return "password has 64 characters that are not all hex digits";
    return nullptr;
}

}  // namespace imprint_identity
