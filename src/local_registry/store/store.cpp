#include "local_registry/store/store.h"

#include "local_registry/store/schema.h"

namespace imprint::local_registry {

Result<Store> Store::open(const std::filesystem::path& path) {
    // Normal durability: what a killed process had answered is kept, and a power cut costs at most
    // the last answers of a registry that no product depends on.
    IMPRINT_TRY(sqlite::Database database,
                sqlite::Database::open(
                    path, {.kind = ErrorKind::registry, .durability = sqlite::Durability::normal}));
    IMPRINT_CHECK(database.migrate(registry_schema()));
    return Store(std::move(database));
}

}  // namespace imprint::local_registry
