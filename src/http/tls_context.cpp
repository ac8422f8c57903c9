#include "http/tls_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <string>

#include <boost/asio/buffer.hpp>

namespace imprint::http {

namespace {

namespace ssl = boost::asio::ssl;

std::unexpected<Error> refuse(std::string what, const boost::system::error_code& why) {
    ERR_clear_error();
    return fail(ErrorKind::config, "server_certificate", std::move(what) + ": " + why.message(),
                "give the certificate with its chain, and its key, unencrypted, each in PEM");
}

}  // namespace

TlsContext::TlsContext() {
    SSL_CTX* context = context_.native_handle();
    // What Debian's OpenSSL has anyway, said here so that a machine's openssl.cnf does not lower
    // it.
    SSL_CTX_set_security_level(context, 2);
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    // Of the ciphers of TLS 1.2, those with forward secrecy; those of 1.3 all have it.
    SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");
    // Compression gives away what it compresses (CRIME); a renegotiation is work at a client's
    // wish.
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    // An idle connection keeps no buffers.
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    // Nobody is there to be asked for a passphrase.
    SSL_CTX_set_default_passwd_cb(context, [](char*, int, int, void*) { return -1; });
}

Result<void> TlsContext::use(std::string_view chain, const Secret& key) {
    namespace asio = boost::asio;
    boost::system::error_code failed;
    context_.use_certificate_chain(asio::buffer(chain), failed);
    if (failed) return refuse("the server's certificate cannot be used", failed);
    const ByteView bytes = key.reveal();
    context_.use_private_key(asio::buffer(bytes.data(), bytes.size()), ssl::context::pem, failed);
    // With the certificate in place, a key that is not its own is refused here.
    const bool other = failed && ERR_GET_REASON(static_cast<unsigned long>(failed.value())) ==
                                     X509_R_KEY_VALUES_MISMATCH;
    if (other || (!failed && SSL_CTX_check_private_key(context_.native_handle()) != 1))
        return refuse("the server's certificate and its key do not belong together", failed);
    if (failed) return refuse("the server's key cannot be used", failed);
    return {};
}

Result<std::shared_ptr<TlsContext>> make_tls_context(std::string_view chain, const Secret& key) {
    auto context = std::make_shared<TlsContext>();
    IMPRINT_CHECK(context->use(chain, key));
    return context;
}

}  // namespace imprint::http
