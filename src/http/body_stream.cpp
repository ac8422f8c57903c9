#include "http/body_stream.h"

#include <algorithm>
#include <utility>

#include "base/mutex.h"

namespace imprint::http {

// What both ends share.
class BodyBuffer {
  public:
    using State = BodyReader::State;

    explicit BodyBuffer(std::size_t most) : most_(most) {}

    bool write(std::string_view text) {
        const Lock lock(mutex_);
        if (closed_ || state_ != State::open) return false;
        if (text.size() > most_ - waiting_.size()) {
            waiting_.clear();
            finish(State::overrun);
            return false;
        }
        waiting_ += text;
        if (!text.empty()) tell();
        return true;
    }

    void finish_as(State state) {
        const Lock lock(mutex_);
        if (state_ == State::open) finish(state);
    }

    [[nodiscard]] std::stop_token gone() const { return gone_.get_token(); }

    void on_news(std::function<void()> tell) {
        const Lock lock(mutex_);
        if (!closed_) tell_ = std::move(tell);
    }

    [[nodiscard]] BodyReader::Piece take(std::size_t most) {
        const Lock lock(mutex_);
        told_ = false;
        BodyReader::Piece piece;
        piece.text = waiting_.substr(0, most);
        waiting_.erase(0, piece.text.size());
        if (waiting_.empty()) piece.after = state_;
        return piece;
    }

    [[nodiscard]] bool overrun() const {
        const Lock lock(mutex_);
        return state_ == State::overrun;
    }

    void close() {
        {
            const Lock lock(mutex_);
            closed_ = true;
            tell_ = nullptr;
            waiting_.clear();
        }
        // Not under the lock: what hears of it may ask the writer something.
        gone_.request_stop();
    }

  private:
    void finish(State state) IMPRINT_REQUIRES(mutex_) {
        state_ = state;
        told_ = false;  // an overrun is told at once, also while what is written is under way
        tell();
    }

    void tell() IMPRINT_REQUIRES(mutex_) {
        if (!tell_ || told_) return;
        told_ = true;
        tell_();
    }

    const std::size_t most_;
    mutable Mutex mutex_;
    std::string waiting_ IMPRINT_GUARDED_BY(mutex_);
    State state_ IMPRINT_GUARDED_BY(mutex_) = State::open;
    bool closed_ IMPRINT_GUARDED_BY(mutex_) = false;
    bool told_ IMPRINT_GUARDED_BY(mutex_) = false;
    std::function<void()> tell_ IMPRINT_GUARDED_BY(mutex_);
    std::stop_source gone_;
};

BodyWriter::BodyWriter(std::shared_ptr<BodyBuffer> buffer) : buffer_(std::move(buffer)) {}

BodyWriter& BodyWriter::operator=(BodyWriter&& other) noexcept {
    if (this == &other) return *this;
    cut();
    buffer_ = std::move(other.buffer_);
    return *this;
}

BodyWriter::~BodyWriter() {
    cut();
}

void BodyWriter::cut() {
    if (buffer_) buffer_->finish_as(BodyReader::State::cut);
}

bool BodyWriter::write(std::string_view text) {
    return buffer_->write(text);
}

void BodyWriter::end() {
    buffer_->finish_as(BodyReader::State::whole);
}

std::stop_token BodyWriter::gone() const {
    return buffer_->gone();
}

BodyReader::BodyReader(std::shared_ptr<BodyBuffer> buffer) : buffer_(std::move(buffer)) {}

BodyReader::~BodyReader() {
    close();
}

void BodyReader::on_news(std::function<void()> tell) {
    buffer_->on_news(std::move(tell));
}

BodyReader::Piece BodyReader::take(std::size_t most) {
    return buffer_->take(most);
}

bool BodyReader::overrun() const {
    return buffer_->overrun();
}

void BodyReader::close() {
    buffer_->close();
}

BodyStream make_body_stream(std::size_t most) {
    const auto buffer = std::make_shared<BodyBuffer>(most);
    return {.reader = std::make_shared<BodyReader>(buffer), .writer = BodyWriter(buffer)};
}

}  // namespace imprint::http
