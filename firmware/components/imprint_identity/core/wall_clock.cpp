#include "imprint_identity/wall_clock.h"

#include <cstdio>
#include <cstring>

namespace imprint_identity {

namespace {

constexpr std::int64_t hour_s = 3600;
constexpr std::int64_t day_s = 24 * hour_s;
constexpr std::int64_t furthest_zone_s = 14 * hour_s;

// Days since 1970 of a date in the Gregorian calendar (Howard Hinnant, "chrono-Compatible Low-Level
// Date Algorithms", days_from_civil). Years begin with March, so that the leap day is the last one.
std::int64_t days_of(std::int64_t year, unsigned month, unsigned day) {
    if (month <= 2) --year;
    const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
    const auto year_of_era = static_cast<unsigned>(year - era * 400);
    const unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    const unsigned day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + static_cast<std::int64_t>(day_of_era) - 719468;
}

struct Date {
    std::int64_t year;
    unsigned month;
    unsigned day;
};

// The same, back (civil_from_days).
Date date_of(std::int64_t days) {
    days += 719468;
    const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    const auto day_of_era = static_cast<unsigned>(days - era * 146097);
    const unsigned year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const unsigned day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const unsigned shifted = (5 * day_of_year + 2) / 153;
    const unsigned month = shifted < 10 ? shifted + 3 : shifted - 9;
    return {static_cast<std::int64_t>(year_of_era) + era * 400 + (month <= 2 ? 1 : 0), month,
            day_of_year - (153 * shifted + 2) / 5 + 1};
}

// Digits alone, and no more than a date has; false: something else is there.
bool number(const char* text, std::size_t digits, unsigned& into) {
    into = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        const char c = text[i] == ' ' && i + 1 < digits ? '0' : text[i];  // "Jul  1"
        if (c < '0' || c > '9') return false;
        into = into * 10 + static_cast<unsigned>(c - '0');
    }
    return true;
}

unsigned month_of(const char* name) {
    static constexpr char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const char* at = names;
    for (unsigned month = 1; month <= 12; ++month, at += 3)
        if (std::strncmp(at, name, 3) == 0) return month;
    return 0;
}

}  // namespace

std::int64_t built_at(const char* date, const char* time) {
    if (std::strlen(date) != 11 || std::strlen(time) != 8) return 0;
    const unsigned month = month_of(date);
    unsigned day = 0;
    unsigned year = 0;
    unsigned hour = 0;
    unsigned minute = 0;
    unsigned second = 0;
    const bool is_read = number(date + 4, 2, day) && number(date + 7, 4, year) &&
                         number(time, 2, hour) && number(time + 3, 2, minute) &&
                         number(time + 6, 2, second);
    if (!is_read || month == 0 || day < 1 || day > 31 || year < 1971 || hour > 23 || minute > 59 ||
        second > 60)
        return 0;
    const std::int64_t of_day = std::int64_t{hour} * hour_s + std::int64_t{minute} * 60 + second;
    return days_of(year, month, day) * day_s + of_day - furthest_zone_s;
}

bool TimeBound::keep(std::int64_t proven) {
    if (proven > earliest_) earliest_ = proven;
    if (proven < kept_ + keep_every_s) return false;
    kept_ = proven;
    return true;
}

void to_text(std::int64_t time, TimeText& into) {
    std::int64_t days = time / day_s;
    std::int64_t rest = time % day_s;
    if (rest < 0) {
        rest += day_s;
        --days;
    }
    const Date date = date_of(days);
    const int length = std::snprintf(into, sizeof(into), "%04d-%02u-%02u %02u:%02u UTC",
                                     static_cast<int>(date.year % 10000), date.month % 100,
                                     date.day % 100, static_cast<unsigned>(rest / 3600) % 100,
                                     static_cast<unsigned>(rest % 3600 / 60) % 100);
    if (length < 0) into[0] = '\0';
}

}  // namespace imprint_identity
