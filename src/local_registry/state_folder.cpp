#include "local_registry/state_folder.h"

#include <fmt/format.h>
#include <system_error>

#include "base/files.h"
#include "base/git.h"
#include "registry/local_folder.h"

namespace imprint::local_registry {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::days ca_validity{365 * 40};

fs::path ca_key_path(const fs::path& state) {
    return state / "ca" / "root-ca.key";
}

bool is_there(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(path, ignored);
}

}  // namespace

fs::path database_path(const fs::path& state) {
    return state / "registry.sqlite";
}

Result<void> make_state_folder(const fs::path& state) {
    std::error_code error;
    const bool used = fs::exists(state, error) && !fs::is_empty(state, error);
    if (used && !is_there(state / "lock"))
        return fail(ErrorKind::registry, "state_folder_foreign",
                    fmt::format("{} holds other things than a local registry's", state.string()),
                    "choose a new or an empty folder");
    IMPRINT_CHECK(keep_out_of_git({state, "the local registry's folder", true}));
    IMPRINT_CHECK(make_own_directory(state));
    for (const auto& folder : {state / "ca", state / "broker"})
        IMPRINT_CHECK(make_private_directory(folder));
    return {};
}

// The key is written first: a certificate without its key is a loss, a key alone is a crash
// half-way that is begun again.
Result<pki::Authority> open_authority(const fs::path& state, WallTime now) {
    const fs::path certificate = registry::root_ca_path(state);
    const fs::path key = ca_key_path(state);
    if (is_there(certificate)) {
        if (!is_there(key))
            return fail(ErrorKind::registry, "ca_incomplete",
                        fmt::format("the CA has no key: {} is missing", key.string()),
                        "restore it from a copy, or start with an empty state folder");
        IMPRINT_TRY(const std::string pem, read_text(certificate));
        IMPRINT_TRY(Bytes key_pem, read_file(key));
        return pki::Authority::load(pem, Secret(std::move(key_pem)));
    }
    IMPRINT_TRY(pki::Authority authority,
                pki::Authority::create("Imprint Local Registry CA", pki::KeyKind::ec_p256,
                                       ca_validity, now));
    IMPRINT_CHECK(write_file(key, authority.key_pem().reveal_text(), FileMode::secret));
    IMPRINT_CHECK(write_file(certificate, authority.certificate_pem()));
    return authority;
}

Result<void> write_credentials(const fs::path& state, Store& store, const std::string& region) {
    IMPRINT_TRY(const AccessKey key,
                store.write([](sqlite::Database& database) -> Result<AccessKey> {
                    IMPRINT_TRY(auto first, first_access_key(database));
                    if (first) return *std::move(first);
                    AccessKey made = make_access_key();
                    IMPRINT_CHECK(insert_access_key(database, made));
                    return made;
                }));
    std::string text =
        fmt::format("[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n", key.id,
                    key.secret.reveal_text());
    const auto written = write_file(registry::credentials_path(state), text, FileMode::secret);
    wipe(text);
    IMPRINT_CHECK(written);
    return write_file(state / "config",
                      fmt::format("[default]\nregion = {}\noutput = json\n", region));
}

}  // namespace imprint::local_registry
