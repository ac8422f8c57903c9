#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <curl/curl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <optional>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/url.h"
#include "http/client.h"
#include "http/url.h"

namespace imprint::http {

namespace {

struct CloseEasy {
    void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
};

struct FreeList {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};

using Easy = std::unique_ptr<CURL, CloseEasy>;
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

constexpr std::size_t largest_body = 4U << 20;

std::size_t take_body(char* data, std::size_t, std::size_t size, void* target) {
    auto& body = *static_cast<std::string*>(target);
    if (body.size() + size > largest_body) return 0;
    if (body.size() + size > body.capacity()) {
        // A string that grows by itself leaves what it held, perhaps a private key, behind.
        std::string larger;
        larger.reserve(2 * (body.size() + size));
        larger = body;
        wipe(body);
        body.swap(larger);
    }
    body.append(data, size);
    return size;
}

std::size_t take_header(char* data, std::size_t, std::size_t size, void* target) {
    std::string_view line(data, size);
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r'))
        line.remove_suffix(1);
    auto& headers = *static_cast<Fields*>(target);
    const std::size_t colon = line.find(':');
    if (line.starts_with("HTTP/")) {
        headers.clear();  // a "100 Continue" went before
    } else if (colon != std::string_view::npos) {
        std::string_view value = line.substr(colon + 1);
        while (!value.empty() && value.front() == ' ')
            value.remove_prefix(1);
        headers.emplace_back(lower_case(line.substr(0, colon)), value);
    }
    return size;
}

// What is wrong does not pass by itself: another attempt would fail alike.
bool is_distrust(CURLcode code) {
    return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
           code == CURLE_SSL_ISSUER_ERROR || code == CURLE_SSL_CRL_BADFILE;
}

constexpr Milliseconds grace{1000};        // for what is on its way when a stop is asked for
constexpr Milliseconds taking_back{3000};  // for what begins after it

// When a request that was begun before the stop is given up. curl asks about once a second, and
// oftener while bytes come.
struct GivingUp {
    const std::stop_token& stop;
    std::optional<std::chrono::steady_clock::time_point> asked;

    [[nodiscard]] bool is_due() {
        if (!stop.stop_requested()) return false;
        const auto now = std::chrono::steady_clock::now();
        if (!asked) asked = now;
        return now >= *asked + grace;
    }
};

int look_for_stop(void* target, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<GivingUp*>(target)->is_due() ? 1 : 0;
}

// What curl lets go may be a key that has come: it is wiped.
void wipe_and_free(void* block) {
    if (block == nullptr) return;
    wipe(std::span(static_cast<std::uint8_t*>(block), ::malloc_usable_size(block)));
    std::free(block);
}

void* wipe_and_grow(void* block, std::size_t size) {
    void* grown = std::malloc(size);
    if (grown == nullptr || block == nullptr) return grown;
    std::memcpy(grown, block, std::min(size, ::malloc_usable_size(block)));
    wipe_and_free(block);
    return grown;
}

std::unexpected<Error> failure(CURLcode code, bool sent, const std::string& host,
                               const std::string& why) {
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return fail(ErrorKind::interrupted, "interrupted",
                    fmt::format("stopped while {} was asked", host));
    if (is_distrust(code))
        return fail(ErrorKind::registry, "http_not_trusted",
                    fmt::format("{} is not trusted: {}", host, why),
                    "check the address and this machine's clock");
    if (!sent)
        return fail(ErrorKind::registry, "http_unreachable",
                    fmt::format("{} cannot be reached: {}", host, why),
                    "check the address and the network");
    return fail(ErrorKind::registry, "http_reply_lost",
                fmt::format("the reply of {} was lost: {}", host, why));
}

// The proxy by which curl reaches an https:// address, and the variable that names it.
// Source: curl's manual, "Environment"; lower case goes first.
std::string name_of_proxy() {
    for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
        const char* value = std::getenv(name);
        if (value == nullptr || *value == '\0') continue;
        return fmt::format("the proxy {} ({})", without_user_names(value), name);
    }
    return "a proxy";
}

// Its answer to CONNECT that no other attempt changes.
bool is_refusal(long answer) {
    return answer == 401 || answer == 403 || answer == 405 || answer == 407;
}

std::unexpected<Error> refused_by_proxy(long answer, const std::string& host) {
    const std::string proxy = name_of_proxy();
    if (answer == 407 && proxy.contains('@'))
        return fail(ErrorKind::registry, "http_proxy_refused",
                    fmt::format("{} does not take the name and password that stand in it (HTTP "
                                "407), on the way to {}",
                                proxy, host),
                    "correct them; a special character in them is written as %40");
    if (answer == 407)
        return fail(ErrorKind::registry, "http_proxy_refused",
                    fmt::format("{} asks for a name and a password (HTTP 407), on the way to {}",
                                proxy, host),
                    "write them into the variable, as http://NAME:PASSWORD@proxy:port");
    return fail(ErrorKind::registry, "http_proxy_refused",
                fmt::format("{} lets nobody through to {} (HTTP {})", proxy, host, answer),
                "have whoever runs it allow the host, or name another proxy; NO_PROXY names hosts "
                "that need none");
}

class CurlClient final : public Client {
  public:
    explicit CurlClient(CurlOptions options) : options_(std::move(options)) {
        // Thread-safe since curl 7.84, and counted: matched by the destructor.
        curl_global_init_mem(CURL_GLOBAL_DEFAULT, std::malloc, wipe_and_free, wipe_and_grow,
                             ::strdup, std::calloc);
    }

    ~CurlClient() override {
        idle_.clear();
        curl_global_cleanup();
    }

    CurlClient(const CurlClient&) = delete;
    CurlClient& operator=(const CurlClient&) = delete;
    CurlClient(CurlClient&&) = delete;
    CurlClient& operator=(CurlClient&&) = delete;

    [[nodiscard]] Result<ClientResponse> send(const ClientRequest& request,
                                              Milliseconds deadline) override {
        const auto url = parse_url(request.url);
        if (!url || (url->scheme != "https" && url->scheme != "http"))
            return fail(ErrorKind::registry, "http_request",
                        "what should be asked has no proper address",
                        "write it as https://host, without a user name");
        for (const auto& [name, value] : request.headers)
            if (has_control_character(name) || has_control_character(value))
                return fail(ErrorKind::registry, "http_request",
                            fmt::format("what goes into the header {} has a control character",
                                        has_control_character(name) ? "of a request" : name));
        Easy easy = take();
        if (!easy) return fail(ErrorKind::registry, "http_unreachable", "curl has no memory");
        auto response = perform(easy.get(), *url, request, deadline);
        if (!request.secret_answer) give_back(std::move(easy));
        return response;
    }

  private:
    [[nodiscard]] Result<ClientResponse> perform(CURL* easy, const Url& url,
                                                 const ClientRequest& request,
                                                 Milliseconds deadline) const {
        ClientResponse response;
        curl_slist* raw = nullptr;
        for (const auto& [name, value] : request.headers)
            raw = curl_slist_append(raw, fmt::format("{}: {}", name, value).c_str());
        // Without it curl waits a second for a "100 Continue" before a large body.
        raw = curl_slist_append(raw, "Expect:");
        // Without it curl calls any body a form.
        if (std::ranges::none_of(request.headers,
                                 [](const auto& header) { return header.first == "content-type"; }))
            raw = curl_slist_append(raw, "Content-Type:");
        const HeaderList headers(raw);
        GivingUp giving_up{options_.stop, {}};
        if (options_.stop.stop_requested())
            deadline = std::min(deadline, taking_back);
        else if (options_.stop.stop_possible()) {
            curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, look_for_stop);
            curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &giving_up);
            curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
        }
        std::array<char, CURL_ERROR_SIZE> reason{};
        curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
        curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
        curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
        curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
        curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, request.only_once ? 1L : 0L);
        // A proxy would carry away in the clear what is for this machine alone.
        if (url.scheme == "http" || !options_.proxies) curl_easy_setopt(easy, CURLOPT_PROXY, "");
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(deadline.count()));
        curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                         static_cast<long>(std::min(deadline, Milliseconds(10'000)).count()));
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.get());
        curl_easy_setopt(easy, CURLOPT_USERAGENT, "imprint");
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
        if (!request.body.empty() || request.method == "POST" || request.method == "PUT" ||
            request.method == "PATCH") {
            curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
            curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                             static_cast<curl_off_t>(request.body.size()));
        }
        curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, reason.data());
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, &response.body);
        curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
        curl_easy_setopt(easy, CURLOPT_HEADERDATA, &response.headers);
        if (!options_.ca_bundle.empty())
            curl_easy_setopt(easy, CURLOPT_CAINFO, options_.ca_bundle.c_str());
        const CURLcode code = curl_easy_perform(easy);
        if (code != CURLE_OK) {
            // Zero until connection and TLS stand and the request is about to go out.
            curl_off_t ready = 0;
            curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &ready);
            // It may quote a proxy's address, with the password that stands in it.
            const std::string why =
                without_user_names(reason[0] != '\0' ? reason.data() : curl_easy_strerror(code));
            long connected = 0;
            curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &connected);
            curl_easy_reset(easy);
            wipe(response.body);
            if (is_refusal(connected)) return refused_by_proxy(connected, url.authority);
            return failure(code, ready != 0, url.authority, why);
        }
        long status = 0;
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        response.status = static_cast<int>(status);
        curl_easy_reset(easy);  // options go, the connection stays
        return response;
    }

    [[nodiscard]] Easy take() {
        const Lock lock(mutex_);
        if (idle_.empty()) return Easy(curl_easy_init());
        Easy easy = std::move(idle_.back());
        idle_.pop_back();
        return easy;
    }

    void give_back(Easy easy) {
        const Lock lock(mutex_);
        idle_.push_back(std::move(easy));
    }

    CurlOptions options_;
    Mutex mutex_;
    std::vector<Easy> idle_ IMPRINT_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<Client> make_curl_client(const CurlOptions& options) {
    return std::make_unique<CurlClient>(options);
}

}  // namespace imprint::http
