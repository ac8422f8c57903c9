#include "local_registry/store/store.h"

#include <gtest/gtest.h>

#include "base/error_code.h"
#include "base/files.h"
#include "local_registry/store/certificates.h"
#include "local_registry/store/schema.h"

namespace imprint::local_registry {
namespace {

class StoreTest : public testing::Test {
  protected:
    // A file as an older program left it.
    Result<sqlite::Database> of_version(std::size_t version) {
        auto database = sqlite::Database::open(path_, {.kind = ErrorKind::registry});
        if (!database) return database;
        const auto& schema = registry_schema();
        IMPRINT_CHECK(database->migrate(
            {.application_id = schema.application_id, .steps = schema.steps.first(version)}));
        return database;
    }

    Result<TemporaryDirectory> folder_ = TemporaryDirectory::create();
    std::filesystem::path path_ = folder_->path() / "registry.sqlite";
};

TEST_F(StoreTest, whatever_decides_on_clients_is_counted_when_it_changes_and_nothing_else) {
    auto made = of_version(registry_schema().steps.size());
    ASSERT_TRUE(made) << made.error().describe();
    sqlite::Database& database = *made;
    const auto changes = [&] {
        auto rows = database.query("SELECT changes FROM admission").value();
        EXPECT_TRUE(rows.step().value());
        return rows.integer(0);
    };

    struct Write {
        const char* sql;
        bool counts;
    };

    for (const Write& write : std::initializer_list<Write>{
             {"INSERT INTO thing VALUES ('board', 'x', NULL, '{}', 1, 1)", true},
             {"UPDATE thing SET attributes = '{\"a\":\"b\"}'", true},
             {"INSERT INTO thing_group VALUES ('all', 'g', NULL, '', '{}', 1, 1)", true},
             {"INSERT INTO thing_group VALUES ('some', 'h', NULL, '', '{}', 1, 1)", true},
             {"UPDATE thing_group SET parent = 'all' WHERE name = 'some'", true},
             {"INSERT INTO thing_group_member VALUES ('some', 'board')", true},
             {"UPDATE thing_group_member SET thing_group = 'all'", true},
             {"INSERT INTO certificate (id, pem, status, mode, created, modified, version, "
              "generation, not_before, not_after) VALUES ('aa', 'pem', 'ACTIVE', 'DEFAULT', 1, 1, "
              "1, 'g', 1, 1)",
              true},
             {"UPDATE certificate SET status = 'INACTIVE'", true},
             {"INSERT INTO thing_principal (thing, certificate) VALUES ('board', 'aa')", true},
             {"UPDATE thing_principal SET exclusive = 1", true},
             {"INSERT INTO policy VALUES (1, 'p', 1, 1, 1, 1, 'g')", true},
             {"INSERT INTO policy_version VALUES ('p', 1, '{}', 1)", true},
             {"UPDATE policy_version SET document = '[]'", true},
             {"UPDATE policy SET default_version = 2", true},
             {"INSERT INTO policy_target VALUES (1, 'p', 'cert', 'aa')", true},
             {"UPDATE policy_target SET name = 'bb'", true},
             {"INSERT INTO shadow (thing, name, version, modified) VALUES ('board', '', 1, 1)",
              false},
             {"UPDATE shadow SET version = 2", false},
             {"DELETE FROM policy_target", true},
             {"DELETE FROM policy_version", true},
             {"DELETE FROM policy", true},
             {"DELETE FROM thing_principal", true},
             {"DELETE FROM certificate", true},
             {"DELETE FROM thing_group_member", true},
             {"DELETE FROM thing_group WHERE name = 'some'", true},
             {"DELETE FROM thing", true},
         }) {
        const std::int64_t before = changes();
        const auto written = database.run(write.sql);
        ASSERT_TRUE(written) << write.sql << ": " << written.error().describe();
        EXPECT_EQ(changes() > before, write.counts) << write.sql;
    }
}

TEST_F(StoreTest, what_the_first_version_held_is_kept) {
    {
        auto old = of_version(1);
        ASSERT_TRUE(old) << old.error().describe();
        ASSERT_TRUE(old->exec(
            "INSERT INTO thing (name, id, attributes, version, created) "
            "VALUES ('board', 'x', '{}', 1, 1), ('other', 'y', '{}', 1, 1);"
            "INSERT INTO certificate (number, id, pem, status, mode, created, modified, version, "
            "generation, not_before, not_after) VALUES "
            "(3, 'aa', 'pem', 'ACTIVE', 'SNI_ONLY', 10, 20, 2, 'g', 30, 40), "
            "(7, 'bb', 'pem', 'REVOKED', 'DEFAULT', 11, 21, 1, 'h', 31, 41);"
            "INSERT INTO thing_principal (thing, certificate) "
            "VALUES ('board', 'aa'), ('board', 'bb'), ('other', 'aa')"));
    }
    auto store = Store::open(path_);
    ASSERT_TRUE(store) << store.error().describe();
    const auto kept = store->write([](sqlite::Database& database) -> Result<void> {
        IMPRINT_TRY(const auto certificates, list_certificates(database, {}, true, 10));
        EXPECT_EQ(certificates.size(), 2U);
        const auto& first = certificates.at(0);
        EXPECT_EQ(first.id, "aa");
        EXPECT_EQ(first.number, 3);
        EXPECT_EQ(first.status, "ACTIVE");
        EXPECT_EQ(first.mode, "SNI_ONLY");
        EXPECT_EQ(first.modified, 20);
        EXPECT_EQ(first.not_after, 40);
        EXPECT_FALSE(first.ca);
        IMPRINT_TRY(const auto attached,
                    list_attachments_of_principal(database, "aa", std::nullopt, "", 10));
        std::vector<std::string> things;
        for (const auto& one : attached)
            things.push_back(one.name);
        EXPECT_EQ(things, (std::vector<std::string>{"board", "other"}));

        // Numbers go on, and what the new version knows can be written.
        CertificateRecord made = first;
        made.id = "cc";
        made.ca = "dd";
        made.status = "PENDING_ACTIVATION";
        IMPRINT_CHECK(insert_certificate(database, made));
        IMPRINT_TRY(const auto found, find_certificate(database, "cc"));
        EXPECT_EQ(found->number, 8);
        EXPECT_EQ(found->ca, "dd");
        return {};
    });
    EXPECT_TRUE(kept) << kept.error().describe();

    // The references hold as before: a certificate that is attached cannot go.
    const auto deleted = store->write([](sqlite::Database& database) {
        return database.run("DELETE FROM certificate WHERE id = 'aa'");
    });
    ASSERT_FALSE(deleted);
    EXPECT_EQ(code_of(deleted), "database_constraint");
}

}  // namespace
}  // namespace imprint::local_registry
