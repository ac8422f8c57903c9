// What a board's credential image costs, and reading one back. The budget of a line is set by the
// serial port: 5 ms an image would not be felt, so what is measured here guards against a slip.
#include <benchmark/benchmark.h>

#include "image/app_image.h"
#include "image/partition_table.h"
#include "image/spiffs.h"

namespace imprint::image {
namespace {

// As a board gets them: two PEM files of 1.2 KB, a key of 1.7 KB, a little JSON.
std::vector<spiffs::File> credentials() {
    return {{"/certificate.pem.crt", Bytes(1224, 'c')},
            {"/private.pem.key", Bytes(1679, 'k')},
            {"/aws-root-ca.pem", Bytes(1188, 'r')},
            {"/device.json", Bytes(160, 'd')}};
}

spiffs::Geometry geometry_of(std::int64_t size) {
    spiffs::Geometry geometry;
    geometry.image_size = static_cast<std::uint32_t>(size);
    return geometry;
}

void build_credential_image(benchmark::State& state) {
    const spiffs::Geometry geometry = geometry_of(state.range(0));
    const std::vector<spiffs::File> files = credentials();
    for ([[maybe_unused]] auto _ : state)
        benchmark::DoNotOptimize(spiffs::build(geometry, files));
    state.SetBytesProcessed(state.iterations() * state.range(0));
}

// Two thirds full, of files of 20 KB.
std::vector<spiffs::File> filling(std::int64_t size) {
    std::vector<spiffs::File> files;
    constexpr std::int64_t each = 20000;
    for (std::int64_t i = 0; i < size * 2 / 3 / each; ++i)
        files.push_back({"/file-" + std::to_string(i), Bytes(each, static_cast<std::uint8_t>(i))});
    return files;
}

void build_full_image(benchmark::State& state) {
    const spiffs::Geometry geometry = geometry_of(state.range(0));
    const std::vector<spiffs::File> files = filling(state.range(0));
    for ([[maybe_unused]] auto _ : state)
        benchmark::DoNotOptimize(spiffs::build(geometry, files));
    state.SetBytesProcessed(state.iterations() * state.range(0));
}

void read_full_image(benchmark::State& state) {
    const spiffs::Geometry geometry = geometry_of(state.range(0));
    const Bytes image = spiffs::build(geometry, filling(state.range(0))).value().image;
    for ([[maybe_unused]] auto _ : state)
        benchmark::DoNotOptimize(spiffs::read(image, geometry));
    state.SetBytesProcessed(state.iterations() * state.range(0));
}

void detect_full_image(benchmark::State& state) {
    const Bytes image =
        spiffs::build(geometry_of(state.range(0)), filling(state.range(0))).value().image;
    for ([[maybe_unused]] auto _ : state)
        benchmark::DoNotOptimize(spiffs::detect(image));
}

void partition_table_both_ways(benchmark::State& state) {
    constexpr std::string_view csv =
        "nvs,data,nvs,,24K\nphy,data,phy,,4K\nfactory,app,factory,,1M\nstorage,data,spiffs,,960K\n";
    for ([[maybe_unused]] auto _ : state) {
        const auto table = PartitionTable::parse_csv(csv);
        benchmark::DoNotOptimize(PartitionTable::parse_binary(table->to_binary()));
    }
}

void verify_app_image(benchmark::State& state) {
    AppImageParts parts;
    parts.segments = {{0x3F400020, build_app_description({})},
                      {0x400D0020, Bytes(static_cast<std::size_t>(state.range(0)), 7)}};
    const Bytes image = build_app_image(parts);
    for ([[maybe_unused]] auto _ : state)
        benchmark::DoNotOptimize(parse_app_image(image));
    state.SetBytesProcessed(state.iterations() * state.range(0));
}

constexpr std::int64_t usual_partition = 0xF0000;
constexpr std::int64_t largest = 0xFFF000;

BENCHMARK(build_credential_image)
    ->Arg(0x10000)
    ->Arg(usual_partition)
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(build_full_image)->Arg(usual_partition)->Arg(largest)->Unit(benchmark::kMicrosecond);
BENCHMARK(read_full_image)->Arg(usual_partition)->Arg(largest)->Unit(benchmark::kMicrosecond);
BENCHMARK(detect_full_image)->Arg(usual_partition)->Unit(benchmark::kMicrosecond);
BENCHMARK(partition_table_both_ways)->Unit(benchmark::kMicrosecond);
BENCHMARK(verify_app_image)->Arg(1 << 20)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace imprint::image
