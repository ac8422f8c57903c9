// An answer's body that is written over time, from any thread: a bounded buffer with two ends.
//
//   auto [reader, writer] = make_body_stream();
//   keep(std::move(writer));  // wherever what is to be written comes up
//   return Response{.content_type = "text/event-stream", .stream = std::move(reader)};
//
// The writer never waits for who reads. A reader who takes less than is written, until the buffer
// would run over, loses its connection; so does one who takes nothing of a piece for
// Limits::write_time. A stream in which nothing is written lives on for as long as both ends want
// it: what keeps proxies from ending it is the writer's to send.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

namespace imprint::http {

class BodyBuffer;

// May be used from many threads.
class BodyWriter {
  public:
    explicit BodyWriter(std::shared_ptr<BodyBuffer> buffer);
    BodyWriter(BodyWriter&&) noexcept = default;
    BodyWriter& operator=(BodyWriter&& other) noexcept;
    BodyWriter(const BodyWriter&) = delete;
    BodyWriter& operator=(const BodyWriter&) = delete;
    // Without end() before, the body is cut off: the client can tell it from a whole one.
    ~BodyWriter();

    // The whole text goes out in one piece, behind what was written before; or nothing of it does:
    // false, once nobody reads any more, and when the buffer would run over, which ends it.
    // Never blocks.
    bool write(std::string_view text);
    // The body is whole. What is written from then on goes nowhere.
    void end();

    // Requested once nobody reads any more: the client has gone, was too slow or has all, or the
    // server was stopped. What is called by it runs on the server's own thread, and must not block.
    [[nodiscard]] std::stop_token gone() const;

  private:
    void cut();

    std::shared_ptr<BodyBuffer> buffer_;
};

// The server's end. Its own destruction tells the writer that nobody reads any more.
class BodyReader {
  public:
    enum class State : std::uint8_t {
        open,
        whole,    // ended
        cut,      // its writer is gone before the end
        overrun,  // more was written than the buffer holds: the rest of it is void
    };

    struct Piece {
        std::string text;
        State after = State::open;  // what comes behind it: open: more, perhaps later
    };

    explicit BodyReader(std::shared_ptr<BodyBuffer> buffer);
    BodyReader(const BodyReader&) = delete;
    BodyReader& operator=(const BodyReader&) = delete;
    BodyReader(BodyReader&&) = delete;
    BodyReader& operator=(BodyReader&&) = delete;
    ~BodyReader();

    // Called on a writer's thread when there is something to take, at most once until it is taken,
    // and when the buffer ran over. Not called any more once close() has returned. It must not
    // block, nor call the writer.
    void on_news(std::function<void()> tell);
    // Up to so many bytes.
    [[nodiscard]] Piece take(std::size_t most);
    [[nodiscard]] bool overrun() const;
    void close();

  private:
    std::shared_ptr<BodyBuffer> buffer_;
};

struct BodyStream {
    std::shared_ptr<BodyReader> reader;  // for Response::stream
    BodyWriter writer;
};

// most: bytes that were written and that the connection has not taken yet.
[[nodiscard]] BodyStream make_body_stream(std::size_t most = 256UL * 1024);

}  // namespace imprint::http
