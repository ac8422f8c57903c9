// How fast identities are made ahead of their boards: key, certificate by an authority whose key is
// in a file, credential image; and whether memory stays flat.
//
//   mint_bench [COUNT]      100,000 by default
#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdio>
#include <fmt/format.h>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/files.h"
#include "fleet/mint.h"
#include "pki/certificate.h"
#include "resident.h"

namespace {

using namespace imprint;

struct Bench {
    TemporaryDirectory folder;
    pki::DeviceAuthority authority;
};

Result<Bench> prepare_bench(Clock& clock) {
    IMPRINT_TRY(auto folder, TemporaryDirectory::create());
    IMPRINT_TRY(const auto owner, pki::Authority::create("Bench CA", pki::KeyKind::ec_p256,
                                                         std::chrono::days(30), clock.wall()));
    IMPRINT_CHECK(write_file(folder.path() / "ca.pem", owner.certificate_pem()));
    IMPRINT_CHECK(write_file(folder.path() / "ca.key", owner.key_pem().reveal(), FileMode::secret));
    IMPRINT_TRY(auto authority,
                pki::DeviceAuthority::open(folder.path() / "ca.pem",
                                           (folder.path() / "ca.key").string(), clock.wall()));
    return Bench{std::move(folder), std::move(authority)};
}

Result<void> measure(std::int64_t count) {
    SystemClock clock;
    IMPRINT_TRY(const Bench bench, prepare_bench(clock));
    const prepare::IdentitySettings settings;
    prepare::CredentialTemplate form;
    form.partition.name = "storage";
    form.partition.offset = 0x110000;
    form.partition.size = 0xF0000;
    form.root_ca_pem = bench.authority.certificate_pem();
    const prepare::CloudFacts cloud{.endpoint = "example-ats.iot.eu-west-1.amazonaws.com",
                                    .root_ca_pem = {},
                                    .policy_document = {},
                                    .notes = {}};
    std::atomic<std::int64_t> images = 0;
    fleet::MintTools tools{settings,
                           bench.authority,
                           {},
                           &form,
                           &cloud,
                           [&images](const std::string&, ByteView image) -> Result<void> {
                               images += image.size() == 0xF0000 ? 1 : 0;
                               return {};
                           },
                           std::max(std::thread::hardware_concurrency(), 1U),
                           clock};
    IMPRINT_TRY(auto store, minted::MintedStore::open(bench.folder.path() / "minted"));
    IMPRINT_TRY(const auto names, fleet::names_by_number(store, "lamp-{n}", count));
    const Instant started = clock.now();
    std::int64_t next = count / 10;
    std::vector<long> memory;
    IMPRINT_CHECK(fleet::mint(tools, store, names, [&](std::int64_t made) {
        if (made < next) return;
        next += count / 10;
        memory.push_back(bench::resident());
    }));
    const std::chrono::duration<double> took = clock.now() - started;
    fmt::print(
        "{} identities (EC P-256 key, certificate, image of 0xF0000 bytes, stored) in {:.1f} "
        "s: {:.0f} a second on {} cores; {} images\n",
        count, took.count(), static_cast<double>(count) / took.count(), tools.threads,
        images.load());
    fmt::print("resident at each tenth, MiB:");
    for (const long kib : memory)
        fmt::print(" {:.1f}", static_cast<double>(kib) / 1024);
    fmt::print("\n");
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    std::int64_t count = 100'000;
    if (argc > 1) {
        const std::string text = argv[1];
        std::from_chars(text.data(), text.data() + text.size(), count);
    }
    const auto done = measure(count);
    if (!done) fmt::print(stderr, "{}\n", done.error().describe());
    return done ? 0 : 1;
}
