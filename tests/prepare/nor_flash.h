// A board's two partitions of credentials on NOR flash, whose power goes at a write or erase that a
// test chooses.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <gtest/gtest.h>
#include <optional>
#include <random>
#include <string_view>

#include "base/bytes.h"
#include "base/mac.h"
#include "imprint_identity/replace.h"
#include "prepare/known_match.h"

namespace imprint::prepare {

constexpr std::uint32_t sector = 4096;

// What the power does at one write or erase: how much of it is done.
enum class Tear : std::uint8_t { nothing, half, anything, all };

// Two partitions of NOR flash: a write clears bits, an erase sets those of whole sectors.
class Nor {
  public:
    MacAddress mac = *parse_mac("240ac4000007");
    Bytes bench;
    Bytes slots = Bytes(8UL * sector, 0xFF);
    std::size_t operations = 0;
    std::optional<std::size_t> cut_at;  // the number of the operation in which the power goes
    Tear tear = Tear::nothing;
    bool dead = false;
    std::size_t reads = 0;
    // Reads from this one on fail, so many of them: a bus that is disturbed for a while.
    std::optional<std::size_t> unreadable_from;
    std::size_t unreadable = 0;

    [[nodiscard]] imprint_identity::Places places() {
        imprint_identity::Places places;
        places.bench = {[](void* self, std::uint32_t at, void* into, std::size_t size) {
                            auto& nor = *static_cast<Nor*>(self);
                            return nor.read(nor.bench, at, into, size);
                        },
                        this,
                        [](void* self, std::uint32_t at, const void* from, std::size_t size) {
                            auto& nor = *static_cast<Nor*>(self);
                            return nor.write(nor.bench, at, from, size);
                        }};
        places.bench_geometry.image_size = static_cast<std::uint32_t>(bench.size());
        places.bench_name = "storage";
        places.slots = {[](void* self, std::uint32_t at, void* into, std::size_t size) {
                            auto& nor = *static_cast<Nor*>(self);
                            return nor.read(nor.slots, at, into, size);
                        },
                        [](void* self, std::uint32_t at, const void* from, std::size_t size) {
                            auto& nor = *static_cast<Nor*>(self);
                            EXPECT_EQ(at % imprint_identity::slots::piece, 0U);
                            EXPECT_EQ(size % imprint_identity::slots::piece, 0U);
                            return nor.write(nor.slots, at, from, size);
                        },
                        [](void* self, std::uint32_t at, std::size_t size) {
                            return static_cast<Nor*>(self)->erase(at, size);
                        },
                        this, static_cast<std::uint32_t>(slots.size())};
        std::ranges::copy(mac.octets, std::begin(places.mac));
        places.crypto = crypto_with_known_matches();
        return places;
    }

    [[nodiscard]] bool holds(std::string_view text) const {
        return as_text(bench).contains(text) || as_text(slots).contains(text);
    }

  private:
    bool read(const Bytes& cells, std::uint32_t at, void* into, std::size_t size) {
        const std::size_t number = reads++;
        if (unreadable_from && number >= *unreadable_from && number - *unreadable_from < unreadable)
            return false;
        if (at + size > cells.size()) return false;
        std::memcpy(into, cells.data() + at, size);
        return true;
    }

    // How many bytes of the operation are done; none: the power is gone.
    std::optional<std::size_t> begin(std::size_t size) {
        if (dead) return std::nullopt;
        if (operations++ != cut_at) return size;
        dead = true;
        switch (tear) {
            case Tear::nothing:
                return 0;
            case Tear::half:
                return size / 2;
            case Tear::anything:
            case Tear::all:
                return size;
        }
        return 0;
    }

    [[nodiscard]] bool is_torn() const { return dead && tear == Tear::anything; }

    bool write(Bytes& cells, std::uint32_t at, const void* from, std::size_t size) {
        const auto done = begin(size);
        if (!done) return false;
        const auto* bytes = static_cast<const std::uint8_t*>(from);
        for (std::size_t i = 0; i < *done; ++i) {
            auto& cell = cells.at(at + i);
            if (!is_torn()) {
                EXPECT_EQ(cell & bytes[i], bytes[i]) << "written without an erase, at " << at + i;
            }
            cell &= is_torn() ? static_cast<std::uint8_t>(bytes[i] | random_()) : bytes[i];
        }
        return !dead;
    }

    bool erase(std::uint32_t at, std::size_t size) {
        EXPECT_EQ(at % sector, 0U);
        EXPECT_EQ(size % sector, 0U);
        const auto done = begin(size);
        if (!done) return false;
        for (std::size_t i = 0; i < *done; ++i)
            slots.at(at + i) |= static_cast<std::uint8_t>(is_torn() ? random_() & 0xFFU : 0xFFU);
        return !dead;
    }

    std::minstd_rand random_{7};
};

}  // namespace imprint::prepare
