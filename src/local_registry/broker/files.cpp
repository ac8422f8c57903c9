#include "local_registry/broker/files.h"

#include <fmt/format.h>
#include <system_error>
#include <unistd.h>

#include "base/files.h"

namespace imprint::local_registry {

namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t large_log = 8UL * 1024 * 1024;

fs::path certificate_file(const BrokerOptions& options) {
    return options.folder / "server.crt";
}

fs::path key_file(const BrokerOptions& options) {
    return options.folder / "server.key";
}

fs::path log_file(const BrokerOptions& options) {
    return options.folder / "mosquitto.log";
}

}  // namespace

std::string mosquitto_configuration(const BrokerOptions& options, std::uint16_t port,
                                    int arrivals_fd, bool as_root) {
    // Started by root it would become the user "mosquitto", who can read neither key nor registry.
    const std::string user = as_root ? "user root\n" : "";
    constexpr int largest_message = 128 * 1024;  // AWS IoT Core quotas
    return fmt::format(
        "# Written by the local registry at each start.\n"
        "{user}"
        "per_listener_settings false\n"
        "allow_anonymous false\n"
        "persistence false\n"
        // Who published a retained message is not asked again when it is delivered.
        "check_retain_source false\n"
        "message_size_limit {size}\n"
        "sys_interval 0\n"
        "log_dest file {log}\n"
        "log_type error\n"
        "log_type warning\n"
        "log_type notice\n"
        "log_type information\n"
        // Which board listens where: "<client> <QoS> <filter>".
        "log_type subscribe\n"
        "log_timestamp true\n"
        "log_timestamp_format %Y-%m-%dT%H:%M:%S\n"
        "connection_messages true\n"
        "plugin {plugin}\n"
        "plugin_opt_database {database}\n"
        "plugin_opt_arn_start {arn_start}\n"
        "plugin_opt_arrivals_fd {arrivals_fd}\n"
        "listener {port} 127.0.0.1\n"
        // AWS IoT has no QoS 2.
        "max_qos 1\n"
        "cafile {ca}\n"
        "certfile {certificate}\n"
        "keyfile {key}\n"
        "require_certificate true\n"
        "tls_version tlsv1.2\n",
        fmt::arg("user", user), fmt::arg("size", largest_message),
        fmt::arg("log", log_file(options).string()), fmt::arg("plugin", options.plugin.string()),
        fmt::arg("database", options.database.string()), fmt::arg("arn_start", options.arn_start),
        fmt::arg("arrivals_fd", arrivals_fd), fmt::arg("port", port),
        fmt::arg("ca", options.ca_certificate.string()),
        fmt::arg("certificate", certificate_file(options).string()),
        fmt::arg("key", key_file(options).string()));
}

Result<BrokerFiles> write_broker_files(const BrokerOptions& options, std::uint16_t port,
                                       int arrivals_fd) {
    BrokerFiles files{.configuration = options.folder / "mosquitto.conf", .log = log_file(options)};
    std::error_code ignored;
    if (const auto size = fs::file_size(files.log, ignored); !ignored && size > large_log)
        fs::rename(files.log, options.folder / "mosquitto.log.1", ignored);
    IMPRINT_CHECK(write_file(certificate_file(options), options.server_certificate));
    IMPRINT_CHECK(
        write_file(key_file(options), options.server_key.reveal_text(), FileMode::secret));
    IMPRINT_CHECK(
        write_file(files.configuration,
                   mosquitto_configuration(options, port, arrivals_fd, ::geteuid() == 0)));
    return files;
}

}  // namespace imprint::local_registry
