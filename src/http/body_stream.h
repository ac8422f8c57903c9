// The body of an answer that is written over time, from any thread: a bounded buffer with two ends.
//
//   auto [reader, writer] = make_body_stream();
//   keep(std::move(writer));  // wherever the data will be produced
//   return Response{.content_type = "text/event-stream", .stream = std::move(reader)};
//
// The writer never waits for the reader. A reader that is slower than the writer loses its
// connection once the buffer would overflow; so does one that takes nothing of a piece for
// Limits::write_time. An idle stream stays open as long as both ends want it; if proxies must be
// kept from closing it, the writer has to send something.
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
    // If end() was not called before, the body is cut off: the client can distinguish that from a
    // complete one.
    ~BodyWriter();

    // Sends the whole text in one piece, after what was written before; or nothing of it, and
    // returns false: once nobody reads any more, and if the buffer would overflow, which ends the
    // stream. Never blocks.
    bool write(std::string_view text);
    // The body is complete. Later writes are discarded.
    void end();

    // Requested once nobody reads any more: the client has disconnected, was too slow or has
    // everything, or the server was stopped. Its callbacks run on the server's own thread, and must
    // not block.
    [[nodiscard]] std::stop_token gone() const;

  private:
    void cut();

    std::shared_ptr<BodyBuffer> buffer_;
};

// The server's end. Its destruction tells the writer that nobody reads any more.
class BodyReader {
  public:
    enum class State : std::uint8_t {
        open,
        whole,    // ended
        cut,      // its writer was destroyed before end()
        overrun,  // more was written than the buffer can hold: the rest is discarded
    };

    struct Piece {
        std::string text;
        State after = State::open;  // what follows it: open: more, perhaps later
    };

    explicit BodyReader(std::shared_ptr<BodyBuffer> buffer);
    BodyReader(const BodyReader&) = delete;
    BodyReader& operator=(const BodyReader&) = delete;
    BodyReader(BodyReader&&) = delete;
    BodyReader& operator=(BodyReader&&) = delete;
    ~BodyReader();

    // Called on a writer's thread when there is data, at most once until it is taken, and when the
    // buffer overflowed. No longer called once close() has returned. It must not block, nor call
    // the writer.
    void on_news(std::function<void()> tell);
    // Takes at most `most` bytes.
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

// most: bytes that were written and not yet taken by the connection.
[[nodiscard]] BodyStream make_body_stream(std::size_t most = 256UL * 1024);

}  // namespace imprint::http
