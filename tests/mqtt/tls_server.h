// A TLS server on loopback that answers MQTT packets as a test tells it to: as AWS IoT does, or as
// nobody should.
#pragma once

#include <arpa/inet.h>
#include <atomic>
#include <cstdint>
#include <fmt/format.h>
#include <functional>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <optional>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <thread>

#include "base/fd.h"
#include "pki/openssl.h"

namespace imprint::mqtt::testing {

inline Fd listen_on_loopback(std::uint16_t& port) {
    Fd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (!listener || ::bind(listener.get(), generic, size) != 0 ||
        ::listen(listener.get(), 8) != 0 || ::getsockname(listener.get(), generic, &size) != 0)
        throw std::runtime_error("no loopback port");
    port = ntohs(address.sin_port);
    return listener;
}

// MQTT's packet types, from the first byte's upper half.
enum class Packet : std::uint8_t { connect = 1, publish = 3, subscribe = 8, unsubscribe = 10 };

// Two bytes of packet id, and what to send; nothing: the connection is closed.
using Reply = std::function<std::optional<std::string>(Packet, std::string_view id)>;

inline std::string connack(char code) {
    return {'\x20', '\x02', '\0', code};
}

inline std::string answer(char type, std::string_view id, std::string_view rest = {}) {
    return std::string{type, static_cast<char>(2 + rest.size())} + std::string(id) +
           std::string(rest);
}

class TlsServer {
  public:
    // picky: takes no client certificate at all.
    TlsServer(const std::string& certificate_pem, const Secret& key_pem, Reply reply,
              bool picky = false)
        : reply_(std::move(reply)), listener_(listen_on_loopback(port)) {
        const pki::Bio source = pki::read_only_bio(certificate_pem);
        const pki::X509Certificate certificate = pki::read_certificate(certificate_pem);
        const auto key = pki::PrivateKey::from_pem(key_pem);
        SSL_CTX_use_certificate(context_.get(), certificate.get());
        SSL_CTX_use_PrivateKey(context_.get(), key->native().key.get());
        SSL_CTX_set_tlsext_servername_callback(
            context_.get(), +[](SSL* ssl, int*, void* self) {
                if (const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name))
                    static_cast<TlsServer*>(self)->asked_for = name;
                return SSL_TLSEXT_ERR_OK;
            });
        SSL_CTX_set_tlsext_servername_arg(context_.get(), this);
        if (picky) {
            SSL_CTX_set_verify(
                context_.get(), SSL_VERIFY_PEER, +[](int, X509_STORE_CTX*) { return 0; });
            SSL_CTX_set_max_proto_version(context_.get(), TLS1_2_VERSION);
        }
        thread_ = std::jthread([this] { serve(); });
    }

    ~TlsServer() { ::shutdown(listener_.get(), SHUT_RDWR); }  // ends its accept()

    TlsServer(const TlsServer&) = delete;
    TlsServer& operator=(const TlsServer&) = delete;
    TlsServer(TlsServer&&) = delete;
    TlsServer& operator=(TlsServer&&) = delete;

    std::uint16_t port = 0;
    std::string asked_for;  // by SNI; to be read when a connection is over
    std::atomic<int> connections = 0;

  private:
    using Connection = std::unique_ptr<SSL, pki::FreeWith<SSL_free>>;

    static bool read_all(SSL* ssl, char* to, std::size_t size) {
        for (std::size_t got = 0; got < size;) {
            const int more = SSL_read(ssl, to + got, static_cast<int>(size - got));
            if (more <= 0) return false;
            got += static_cast<std::size_t>(more);
        }
        return true;
    }

    void serve() {
        for (;;) {
            const Fd socket(::accept(listener_.get(), nullptr, nullptr));
            if (!socket) return;
            ++connections;
            const Connection ssl(SSL_new(context_.get()));
            SSL_set_fd(ssl.get(), socket.get());
            if (SSL_accept(ssl.get()) == 1) talk(ssl.get());
        }
    }

    void talk(SSL* ssl) {
        char head[2];
        while (read_all(ssl, head, 2)) {
            const std::size_t size = static_cast<unsigned char>(head[1]);
            if (size >= 0x80) return;  // no packet of a test is as long
            std::string body(size, '\0');
            if (!read_all(ssl, body.data(), size)) return;
            const auto type = static_cast<Packet>(static_cast<unsigned char>(head[0]) >> 4U);
            std::string_view id(body);
            if (type == Packet::publish)  // behind its topic
                id.remove_prefix(2U + static_cast<unsigned char>(body[1]));
            if (static_cast<unsigned char>(head[0]) >> 4U == 14) return;  // DISCONNECT
            const auto said = reply_(type, id.substr(0, 2));
            if (!said) return;
            if (!said->empty()) SSL_write(ssl, said->data(), static_cast<int>(said->size()));
        }
    }

    Reply reply_;
    Fd listener_;
    std::unique_ptr<SSL_CTX, pki::FreeWith<SSL_CTX_free>> context_{
        SSL_CTX_new(TLS_server_method())};
    std::jthread thread_;
};

}  // namespace imprint::mqtt::testing
