#include "station/bay_life.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace imprint::station {

namespace {

using prepare::Start;

BayStatus status_of(Ending::Kind kind) {
    switch (kind) {
        case Ending::Kind::passed:
        case Ending::Kind::passed_before:
            return BayStatus::passed;
        case Ending::Kind::stopped:
            return BayStatus::stopped;
        case Ending::Kind::board:
        case Ending::Kind::station:
        case Ending::Kind::silent:
            return BayStatus::failed;
    }
    return BayStatus::failed;
}

}  // namespace

std::vector<Order> BayLife::apply(const Happening& happening, Instant now) {
    return std::visit([&](const auto& one) { return on(one, now); }, happening);
}

std::optional<Instant> BayLife::wakes() const {
    std::optional<Instant> first;
    const auto consider = [&](Instant at) { first = first ? std::min(*first, at) : at; };
    if (went_ && own_usb_ && (to_catch_ || has_result())) consider(*went_ + rules_.absence);
    if (next_question_ && !asking_ && !working_ && view_.status != BayStatus::off)
        consider(*next_question_);
    return first;
}

bool BayLife::has_result() const {
    return view_.status == BayStatus::passed || view_.status == BayStatus::failed ||
           view_.status == BayStatus::stopped;
}

bool BayLife::may_be_caught(const Ending& ending) const {
    return own_usb_ && rules_.start == Start::plug && !ending.mac && caught_ < rules_.catches &&
           ending.kind != Ending::Kind::stopped && (went_ || another_came_);
}

std::vector<Order> BayLife::begin(Order how) {
    working_ = true;
    another_came_ = false;
    to_catch_.reset();
    began_serial_ = serial_;
    view_ = {.status = BayStatus::at_work};
    return {rules_.again == prepare::SameBoard::prepare ? Order::begin_again : how};
}

bool BayLife::can_begin() const {
    return !working_ && !port_.empty() && !went_ && view_.status != BayStatus::off;
}

std::vector<Order> BayLife::meet() {
    silences_ = 0;
    caught_ = 0;
    view_ = {};
    if (rules_.start == Start::plug) return begin(Order::begin);
    return {};
}

void BayLife::show(const Ending& ending) {
    last_ = ending;
    settled_ = ending;
    view_ = {status_of(ending.kind), ending.code, ending.reason, ending.hint, ending.mac};
    if (view_.status == BayStatus::failed) view_.in_a_row = failures_;
}

void BayLife::board_is_out() {
    silences_ = 0;
    caught_ = 0;
    to_catch_.reset();
    answered_.reset();
    if (view_.status != BayStatus::off) view_ = {};
}

std::vector<Order> BayLife::on(const PortCame& port, Instant now) {
    const bool other_board =
        !serial_.empty() && !port.serial_number.empty() && serial_ != port.serial_number;
    const bool was_out = !own_usb_ || !went_ || now - *went_ >= rules_.absence;
    const bool came_back = went_ && !was_out && !other_board;
    port_ = port.port;
    serial_ = port.serial_number;
    own_usb_ = port.own_usb;
    went_.reset();
    if (rules_.start == Start::answer) next_question_ = now;
    if (working_) {
        another_came_ = true;
        return {};
    }
    if (view_.status == BayStatus::off) return {};
    if (to_catch_ && !other_board) {
        ++caught_;
        return begin(Order::begin);
    }
    // In the midst of a reset: its result stays.
    if (came_back && has_result()) return {};
    to_catch_.reset();
    return meet();
}

std::vector<Order> BayLife::on(const PortWent&, Instant now) {
    went_ = now;
    next_question_.reset();
    if (working_ || (own_usb_ && (to_catch_ || has_result()))) return {};
    port_.clear();
    board_is_out();
    return {};
}

std::vector<Order> BayLife::on(const Answered& answer, Instant now) {
    asking_ = false;
    silences_ = 0;
    if (next_question_) next_question_ = now + rules_.between_questions;
    const auto before = std::exchange(answered_, answer.mac);
    if (working_ || view_.status == BayStatus::off) return {};
    // The one whose result is shown, which may have failed before it was identified; or another in
    // its place.
    if (has_result() && (view_.mac ? view_.mac : before) == answer.mac) return {};
    return begin(Order::begin);
}

std::vector<Order> BayLife::on(const NoAnswer&, Instant now) {
    asking_ = false;
    if (next_question_) next_question_ = now + rules_.between_questions;
    if (working_ || !has_result()) return {};
    if (++silences_ >= rules_.silences) board_is_out();
    return {};
}

std::vector<Order> BayLife::on(const StartKey&, Instant) {
    if (!can_begin()) return {};
    caught_ = 0;
    return begin(Order::begin);
}

std::vector<Order> BayLife::on(const AgainKey&, Instant) {
    const bool has_passed = view_.status == BayStatus::passed;
    if (!can_begin() || (has_passed && rules_.again == prepare::SameBoard::refuse)) return {};
    caught_ = 0;
    return begin(Order::begin_again);
}

std::vector<Order> BayLife::on(const Ended& end, Instant now) {
    working_ = false;
    const Ending& how = end.how;
    if (next_question_) next_question_ = now + rules_.between_questions;
    if (may_be_caught(how)) {
        if (!went_) {
            ++caught_;
            return begin(Order::begin);
        }
        to_catch_ = how;
        view_ = {.status = BayStatus::at_work};
        return {};
    }
    const bool other_board = !serial_.empty() && !began_serial_.empty() && serial_ != began_serial_;
    const bool swapped = another_came_ && !went_ && (!own_usb_ || other_board);
    // Nobody answers where nobody is: a fixture without a board.
    if (how.kind == Ending::Kind::silent && rules_.start == Start::answer) {
        board_is_out();
        return {};
    }
    if (how.kind == Ending::Kind::board || how.kind == Ending::Kind::silent)
        ++failures_;
    else if (how.kind == Ending::Kind::passed)
        failures_ = 0;
    show(how);
    if (rules_.failures > 0 && failures_ >= rules_.failures)
        off_after_ = SwitchOff{fmt::format("{} boards failed in a row", failures_)};
    if (off_after_) return on(*std::exchange(off_after_, std::nullopt), now);
    if (swapped) return meet();
    if (went_ && !own_usb_) {
        port_.clear();
        board_is_out();
    }
    return {};
}

std::vector<Order> BayLife::on(const Held& held, Instant) {
    if (!working_) return {};
    view_.status = BayStatus::waiting;
    view_.reason = held.reason;
    return {};
}

std::vector<Order> BayLife::on(const Resumed&, Instant) {
    if (view_.status != BayStatus::waiting) return {};
    view_.status = BayStatus::at_work;
    view_.reason.clear();
    return {};
}

std::vector<Order> BayLife::on(const AbortKey&, Instant) {
    if (to_catch_) {
        show({.kind = Ending::Kind::stopped});
        to_catch_.reset();
        return {};
    }
    if (!working_) return {};
    return {Order::stop};
}

std::vector<Order> BayLife::on(const SwitchOff& off, Instant) {
    if (working_) {
        off_after_ = off;
        return {};
    }
    to_catch_.reset();
    view_ = {.status = BayStatus::off, .code = "bay_off", .reason = off.reason, .hint = off.hint};
    return {};
}

std::vector<Order> BayLife::on(const SwitchOn&, Instant) {
    off_after_.reset();
    if (view_.status != BayStatus::off) return {};
    failures_ = 0;
    if (port_.empty() || went_) {
        view_ = {};
        return {};
    }
    return meet();
}

std::vector<Order> BayLife::on(const Tick&, Instant now) {
    if (went_ && own_usb_ && now - *went_ >= rules_.absence && !working_) {
        if (to_catch_) show(*to_catch_);
        port_.clear();
        board_is_out();
    }
    if (next_question_ && now >= *next_question_ && !asking_ && !working_ &&
        view_.status != BayStatus::off) {
        asking_ = true;
        next_question_ = now + rules_.between_questions;
        return {Order::ask};
    }
    return {};
}

}  // namespace imprint::station
