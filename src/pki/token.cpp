#include "pki/token.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <libp11.h>
#include <span>
#include <utility>

#include <p11-kit/pkcs11.h>
#include <p11-kit/uri.h>

#include "pki/secret_file.h"

namespace imprint::pki {

namespace {

using Uri = std::unique_ptr<P11KitUri, FreeWith<p11_kit_uri_free>>;

// What of the URI counts here; empty: any.
struct Wanted {
    std::string module;
    std::string token;
    std::string serial;
    std::string object;
    std::string id;  // bytes
    std::filesystem::path pin_file;
};

std::unexpected<Error> bad_uri(const std::string& why) {
    return fail(ErrorKind::config, "token_uri",
                fmt::format("the PKCS#11 URI of the authority's key {}", why),
                "write pkcs11:token=NAME;object=KEY?module-path=/path/to/module.so"
                "&pin-source=file:/path/to/pin (RFC 7512)");
}

// PKCS#11 pads the names of a token with blanks.
template <std::size_t Size>
std::string padded_text(const unsigned char (&text)[Size]) {
    std::string_view view(reinterpret_cast<const char*>(text), Size);
    view = view.substr(0, view.find('\0'));
    const auto last = view.find_last_not_of(' ');
    return std::string(view.substr(0, last == std::string_view::npos ? 0 : last + 1));
}

std::string attribute_of(P11KitUri* uri, CK_ATTRIBUTE_TYPE type) {
    const CK_ATTRIBUTE* found = p11_kit_uri_get_attribute(uri, type);
    if (found == nullptr || found->pValue == nullptr) return {};
    return {static_cast<const char*>(found->pValue), found->ulValueLen};
}

Result<Wanted> read_uri(const std::string& text) {
    const Uri uri(p11_kit_uri_new());
    must(uri != nullptr, "memory");
    if (const int code = p11_kit_uri_parse(text.c_str(), P11_KIT_URI_FOR_ANY, uri.get());
        code != P11_KIT_URI_OK)
        return bad_uri(fmt::format("is malformed: {}", p11_kit_uri_message(code)));
    if (p11_kit_uri_get_pin_value(uri.get()) != nullptr)
        return bad_uri("has a pin-value: a PIN does not belong into a configuration");
    Wanted wanted;
    if (const char* module = p11_kit_uri_get_module_path(uri.get())) wanted.module = module;
    if (wanted.module.empty()) return bad_uri("has no module-path");
    if (const char* pin = p11_kit_uri_get_pin_source(uri.get())) {
        std::string_view source = pin;
        constexpr std::string_view file = "file:";
        if (source.starts_with(file)) source.remove_prefix(file.size());
        if (source.starts_with("///")) source.remove_prefix(2);  // file:///etc/…
        wanted.pin_file = source;
    }
    const CK_TOKEN_INFO* token = p11_kit_uri_get_token_info(uri.get());
    wanted.token = padded_text(token->label);
    wanted.serial = padded_text(token->serialNumber);
    wanted.object = attribute_of(uri.get(), CKA_LABEL);
    wanted.id = attribute_of(uri.get(), CKA_ID);
    if (wanted.object.empty() && wanted.id.empty()) return bad_uri("names no object or id");
    return wanted;
}

bool is_wanted(const char* text, const std::string& wanted) {
    return wanted.empty() || (text != nullptr && wanted == text);
}

}  // namespace

struct TokenKey::State {
    PKCS11_CTX* context = nullptr;
    bool loaded = false;
    PKCS11_SLOT* slots = nullptr;
    unsigned count = 0;
    Pkey key;

    State() : context(PKCS11_CTX_new()) { must(context != nullptr, "memory"); }

    State(const State&) = delete;
    State& operator=(const State&) = delete;
    State(State&&) = delete;
    State& operator=(State&&) = delete;

    ~State() {
        key.reset();
        if (slots != nullptr) PKCS11_release_all_slots(context, slots, count);
        if (loaded) PKCS11_CTX_unload(context);
        PKCS11_CTX_free(context);
    }

    [[nodiscard]] PKCS11_SLOT* find_slot(const Wanted& wanted) const {
        for (PKCS11_SLOT& slot : std::span(slots, count))
            if (slot.token != nullptr && slot.token->initialized != 0 &&
                is_wanted(slot.token->label, wanted.token) &&
                is_wanted(slot.token->serialnr, wanted.serial))
                return &slot;
        return nullptr;
    }

    [[nodiscard]] static Result<void> log_in(PKCS11_SLOT& slot, const Wanted& wanted) {
        if (slot.token->loginRequired == 0) return {};
        if (wanted.pin_file.empty() && slot.token->secureLogin == 0)
            return bad_uri("names no pin-source, and the token wants a PIN");
        Secret pin;
        if (!wanted.pin_file.empty()) {
            IMPRINT_TRY(pin, read_secret_file(wanted.pin_file, "the token's PIN"));
        }
        // With its end: libp11 takes a C string. A line's end is not part of the PIN.
        std::string text(pin.reveal_text());
        while (text.ends_with('\n') || text.ends_with('\r'))
            text.pop_back();
        const int code = PKCS11_login(&slot, 0, text.empty() ? nullptr : text.c_str());
        wipe(text);
        if (code == 0) return {};
        return fail(ErrorKind::config, "token_pin",
                    fmt::format("the token \"{}\" does not take the PIN of {}: {}",
                                slot.token->label, wanted.pin_file.string(), openssl_reason()),
                    slot.token->userPinLocked != 0
                        ? "its PIN is locked: have the token's owner unlock it"
                        : "correct the PIN; a token locks itself after some wrong ones");
    }

    [[nodiscard]] Result<void> take_key(PKCS11_SLOT& slot, const Wanted& wanted) {
        PKCS11_KEY* keys = nullptr;
        unsigned found = 0;
        if (PKCS11_enumerate_keys(slot.token, &keys, &found) != 0) found = 0;
        for (PKCS11_KEY& one : std::span(keys, found)) {
            const std::string_view id(reinterpret_cast<const char*>(one.id), one.id_len);
            if (!is_wanted(one.label, wanted.object) || (!wanted.id.empty() && id != wanted.id))
                continue;
            key.reset(PKCS11_get_private_key(&one));
            if (key) return {};
        }
        ERR_clear_error();
        return fail(ErrorKind::config, "token_key_missing",
                    fmt::format("the token \"{}\" has no private key \"{}\"", slot.token->label,
                                wanted.object.empty() ? "of that id" : wanted.object),
                    "list what it has: pkcs11-tool --module MODULE --login --list-objects");
    }
};

TokenKey::TokenKey(std::unique_ptr<State> state) : state_(std::move(state)) {}

TokenKey::TokenKey(TokenKey&&) noexcept = default;
TokenKey& TokenKey::operator=(TokenKey&&) noexcept = default;
TokenKey::~TokenKey() = default;

EVP_PKEY* TokenKey::native() const {
    return state_->key.get();
}

Result<TokenKey> TokenKey::open(const std::string& uri) {
    IMPRINT_TRY(const Wanted wanted, read_uri(uri));
    auto state = std::make_unique<State>();
    if (PKCS11_CTX_load(state->context, wanted.module.c_str()) != 0)
        return fail(ErrorKind::config, "token_module",
                    fmt::format("the PKCS#11 module {} cannot be loaded: {}", wanted.module,
                                openssl_reason()),
                    "check module-path; SoftHSM's is /usr/lib/softhsm/libsofthsm2.so");
    state->loaded = true;
    if (PKCS11_enumerate_slots(state->context, &state->slots, &state->count) != 0) state->count = 0;
    PKCS11_SLOT* slot = state->find_slot(wanted);
    if (slot == nullptr) {
        ERR_clear_error();
        return fail(ErrorKind::config, "token_missing",
                    fmt::format("{} shows no token \"{}\"{}", wanted.module, wanted.token,
                                wanted.serial.empty() ? "" : " of that serial number"),
                    "plug it in; list them: pkcs11-tool --module MODULE --list-token-slots");
    }
    IMPRINT_CHECK(State::log_in(*slot, wanted));
    IMPRINT_CHECK(state->take_key(*slot, wanted));
    return TokenKey(std::move(state));
}

}  // namespace imprint::pki
