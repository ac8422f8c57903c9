#include "page/page_server.h"

#include <algorithm>
#include <utility>

#include "logins/answers.h"
#include "page_app/assets.h"

namespace imprint::page {

namespace {

// A page that hears nothing for twice as long takes the line for dead: docs/api.md.
constexpr std::chrono::seconds between_beats{5};
constexpr Milliseconds between_looks{500};
// A scan, a form, a password: nothing that a browser sends here is larger.
constexpr std::size_t longest_body = 64UL * 1024;

// Another at each start: numbers of messages begin anew.
std::string epoch_of(WallTime start) {
    return std::to_string(
        std::chrono::duration_cast<Milliseconds>(start.time_since_epoch()).count());
}

http::Response file_response(const http::Request& request) {
    const auto* asset = page_app::asset_for(request.raw_path());
    http::Response response;
    if (asset == nullptr) {
        response.status = 404;
        response.content_type = "text/plain; charset=utf-8";
        response.body = "There is no such file.\n";
        return response;
    }
    response.content_type = std::string(asset->content_type);
    response.headers.emplace_back("ETag", std::string(asset->etag));
    response.headers.emplace_back(
        "Cache-Control", asset->immutable ? "public, max-age=31536000, immutable" : "no-cache");
    if (request.header("if-none-match") == asset->etag)
        response.status = 304;
    else
        response.body = std::string(asset->body);
    return response;
}

http::Response bad_method() {
    return error_response(
        make_error(ErrorKind::usage, "bad_method", "the page's files are only read", "GET"));
}

}  // namespace

PageServer::PageServer(const logins::Access& access, const Parts& parts)
    : parts_(parts),
      gate_(access.gate, parts.clock),
      feed_({.station = parts.station,
             .epoch = epoch_of(parts.clock.wall()),
             .has_printer = parts.has_printer},
            parts.clock),
      lots_(parts.services.open_reports,
            {.lot = [this](const auto& lot) { feed_.set_lot(lot); },
             .trouble = [this](const std::string& why) { feed_.set_ledger_trouble(why); }}),
      learning_(parts.config.settings.station, parts.clock,
                [this](Json told) { feed_.set_learning(std::move(told)); }) {
    const ApiTools tools{.config = parts_.config,
                         .feed = feed_,
                         .lots = lots_,
                         .desk = parts_.desk,
                         .services = parts_.services,
                         .gate = gate_,
                         .learning = learning_,
                         .clock = parts_.clock};
    router_.add(bench_routes(tools));
    router_.add(lot_routes(tools));
    router_.add(board_routes(tools));
    router_.add(settings_routes(tools));
}

Result<std::unique_ptr<PageServer>> PageServer::start(const logins::Access& access,
                                                      const logins::ListenAddress& at,
                                                      const Parts& parts) {
    std::unique_ptr<PageServer> page(new PageServer(access, parts));
    http::ServerOptions options;
    options.address = at.address;
    options.port = at.port;
    options.limits.body = longest_body;
    options.tls = access.tls;
    PageServer& self = *page;
    IMPRINT_TRY(
        auto server,
        http::Server::listen(
            options,
            {.admit = [&self](const http::Request& head) { return self.gate_.admit(head); },
             .answer = [&self](const http::Request& request) { return self.answer(request); },
             .refuse = [&self](int status,
                               std::string_view why) { return self.refuse(status, why); },
             .failed =
                 [log = parts.log](const Error& error) {
                     log.warning("the page: {}", error.describe());
                 }}));
    self.server_.emplace(std::move(server));
    self.gate_.set_port(self.server_->port());
    IMPRINT_CHECK(self.lots_.start());
    auto reader = std::make_shared<events::EventReader>(
        parts.bus.read({.overflow = events::Overflow::keep, .since = 0}));
    IMPRINT_TRY(self.pump_,
                start_thread(
                    "the page's events",
                    [&self, reader](const std::stop_token& stop) { self.pump(*reader, stop); },
                    [log = parts.log](const Error& error) {
                        log.warning("the page: {}", error.describe());
                    }));
    return page;
}

PageServer::~PageServer() {
    pump_.request_stop();
    feed_.close();
    server_.reset();
}

void PageServer::pump(events::EventReader& reader, const std::stop_token& stop) {
    Instant beat = parts_.clock.now();
    while (!stop.stop_requested() && !reader.is_over()) {
        if (const auto delivery = reader.next_within(between_looks)) {
            feed_.take(*delivery->event);
            lots_.take(*delivery->event);
        }
        if (parts_.clock.now() - beat < between_beats) continue;
        feed_.beat();
        beat = parts_.clock.now();
    }
}

http::Response PageServer::answer_api(const http::Request& request) {
    const std::string_view path = request.raw_path();
    if (path == "/api/login")
        return request.method == "POST" ? gate_.log_in(request) : gate_.tell_login(request);
    if (path == "/api/logout" && request.method == "POST") return gate_.log_out(request);
    if (path == "/metrics") {
        const auto program = gate_.login_of_program(request);
        return program ? router_.answer(request, *program) : program.error();
    }
    const auto login = gate_.login_of(request);
    if (!login)
        return logins::error_answer(
            401, make_error(ErrorKind::usage, "login_needed", "nobody is logged in", "log in"));
    return router_.answer(request, *login);
}

// What the server itself refuses has the same headers as everything else.
http::Response PageServer::refuse(int status, std::string_view why) const {
    http::Response response =
        logins::error_answer(status, make_error(ErrorKind::usage, "bad_request", std::string(why)));
    gate_.add_security_headers(response);
    return response;
}

http::Answer PageServer::answer(const http::Request& request) {
    http::Response response;
    if (logins::is_api_path(request.raw_path())) {
        response = answer_api(request);
    } else if (request.method == "GET" || request.method == "HEAD") {
        response = file_response(request);
    } else {
        response = bad_method();
    }
    gate_.add_security_headers(response);
    return response;
}

}  // namespace imprint::page
