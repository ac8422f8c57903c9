#include "loader/board.h"

#include <utility>

#include "loader/session.h"

namespace imprint::loader {

Result<Board> Board::connect(transport::Port& port, const ConnectOptions& options, Clock& clock,
                             Log log, std::stop_token stop) {
    auto session = std::make_unique<Session>(port, options, clock, std::move(log), std::move(stop));
    IMPRINT_CHECK(session->connect());
    return Board(std::move(session));
}

Board::Board(std::unique_ptr<Session> session) : session_(std::move(session)) {}

Board::Board(Board&&) noexcept = default;
Board& Board::operator=(Board&&) noexcept = default;
Board::~Board() = default;

const BoardInfo& Board::info() const {
    return session_->info();
}

bool Board::stub_runs() const {
    return session_->link().kind() == LoaderKind::stub;
}

std::uint32_t Board::baud() const {
    return session_->link().baud();
}

Result<MacAddress> Board::read_mac() {
    return session_->read_mac();
}

Result<void> Board::check_write(const FlashData& region, bool encrypted) const {
    return session_->check_write(region, encrypted);
}

Result<void> Board::check_range(std::uint32_t offset, std::uint32_t size) const {
    return session_->check_range(offset, size);
}

Result<void> Board::write(const FlashData& region, const Progress& progress) {
    return session_->write(region, progress);
}

Result<void> Board::write_encrypted(const FlashData& region, const Progress& progress) {
    return session_->write_encrypted(region, progress);
}

Result<WriteOutcome> Board::write_difference(const FlashData& region, const Progress& progress) {
    return session_->write_difference(region, progress);
}

Result<std::uint64_t> Board::prove() {
    return session_->prove();
}

Result<RegionPlan> Board::plan(const FlashData& region) {
    return session_->plan(region);
}

Result<Md5> Board::flash_md5(std::uint32_t offset, std::uint32_t size) {
    return session_->flash_md5(offset, size);
}

Result<Bytes> Board::read(std::uint32_t offset, std::uint32_t size, const Progress& progress) {
    return session_->read(offset, size, progress);
}

Result<void> Board::erase(std::uint32_t offset, std::uint32_t size) {
    return session_->erase(offset, size);
}

Result<void> Board::run() {
    return session_->run();
}

Result<void> Board::stay() {
    return session_->stay();
}

Result<StartSeen> Board::look_started() {
    return session_->look_started();
}

}  // namespace imprint::loader
