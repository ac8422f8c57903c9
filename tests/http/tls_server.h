// OpenSSL's own server, with a certificate of an authority that no system trusts.
#pragma once

#include <array>
#include <filesystem>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>

#include "base/files.h"
#include "base/process.h"
#include "http/tls_identity.h"
#include "pki/certificate.h"

namespace imprint::http::testing {

class TlsServer {
  public:
    // To be called once, in ASSERT_NO_FATAL_FAILURE.
    void serve_as(const pki::ServerNames& names) {
        const TlsIdentity identity(names);
        write("ca.pem", identity.ca);
        write("cert.pem", identity.certificate);
        write("key.pem", std::string(identity.key.reveal_text()));
        auto child = ChildProcess::start(
            {.arguments = {"openssl", "s_server", "-accept", "127.0.0.1:0", "-www", "-cert",
                           (folder_.path() / "cert.pem").string(), "-key",
                           (folder_.path() / "key.pem").string()},
             .directory = folder_.path(),
             .environment = {}},
            ChildOutput::pipe);
        ASSERT_TRUE(child) << child.error().describe();
        server_.emplace(std::move(*child));
        // "ACCEPT 127.0.0.1:40123"
        std::string said;
        std::array<char, 256> block{};
        while (!said.ends_with('\n') || said.find("ACCEPT") == std::string::npos) {
            const auto got = ::read(server_->output().get(), block.data(), block.size());
            ASSERT_GT(got, 0) << said;
            said.append(block.data(), static_cast<std::size_t>(got));
        }
        said = said.substr(said.find("ACCEPT") + 7);
        url_ = "https://" + said.substr(0, said.find('\n')) + "/";
    }

    [[nodiscard]] const std::string& url() const { return url_; }

    [[nodiscard]] std::filesystem::path ca() const { return folder_.path() / "ca.pem"; }

  private:
    void write(const std::string& name, const std::string& text) const {
        ASSERT_TRUE(write_file(folder_.path() / name, as_bytes(text)));
    }

    TemporaryDirectory folder_ = TemporaryDirectory::create().value();
    std::optional<ChildProcess> server_;
    std::string url_;
};

}  // namespace imprint::http::testing
