#include <array>
#include <curl/curl.h>
#include <fmt/format.h>
#include <mutex>
#include <utility>
#include <vector>

#include "base/secret.h"
#include "registry/http.h"
#include "registry/url.h"

namespace imprint::registry {

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
    body.append(data, size);
    return size;
}

std::size_t take_header(char* data, std::size_t, std::size_t size, void* target) {
    std::string_view line(data, size);
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r'))
        line.remove_suffix(1);
    auto& headers = *static_cast<std::vector<std::pair<std::string, std::string>>*>(target);
    const std::size_t colon = line.find(':');
    if (line.starts_with("HTTP/")) {
        headers.clear();  // a "100 Continue" went before
    } else if (colon != std::string_view::npos) {
        std::string name(line.substr(0, colon));
        for (char& c : name)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        std::string_view value = line.substr(colon + 1);
        while (!value.empty() && value.front() == ' ')
            value.remove_prefix(1);
        headers.emplace_back(std::move(name), value);
    }
    return size;
}

// Failures after which the request was certainly not carried out: it never left.
bool never_sent(CURLcode code) {
    switch (code) {
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_RESOLVE_PROXY:
        case CURLE_COULDNT_CONNECT:
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_CIPHER:
        case CURLE_SSL_ENGINE_NOTFOUND:
        case CURLE_UNSUPPORTED_PROTOCOL:
        case CURLE_URL_MALFORMAT:
        case CURLE_FAILED_INIT:
        case CURLE_PROXY:
            return true;
        default:
            return false;
    }
}

class CurlClient final : public HttpClient {
  public:
    explicit CurlClient(CurlOptions options) : options_(std::move(options)) {
        // Thread-safe since curl 7.84, and counted: matched by the destructor.
        curl_global_init(CURL_GLOBAL_DEFAULT);
    }

    ~CurlClient() override {
        idle_.clear();
        curl_global_cleanup();
    }

    CurlClient(const CurlClient&) = delete;
    CurlClient& operator=(const CurlClient&) = delete;
    CurlClient(CurlClient&&) = delete;
    CurlClient& operator=(CurlClient&&) = delete;

    [[nodiscard]] Result<HttpResponse> send(const HttpRequest& request,
                                            Milliseconds deadline) override {
        const auto url = parse_url(request.url);
        if (!url || (url->scheme != "https" && url->scheme != "http"))
            return fail(ErrorKind::registry, "registry_url",
                        fmt::format("\"{}\" is not the address of a registry", request.url),
                        "write it as https://host, without a user name");
        if (url->scheme == "http" && !is_loopback(url->host))
            return fail(ErrorKind::registry, "registry_url",
                        fmt::format("{} would send identities in the clear", request.url),
                        "use https; http is for a registry on this machine alone");
        Easy easy = take();
        if (!easy) return fail(ErrorKind::registry, "registry_unreachable", "curl has no memory");
        auto response = perform(easy.get(), *url, request, deadline);
        give_back(std::move(easy));
        return response;
    }

  private:
    [[nodiscard]] Result<HttpResponse> perform(CURL* easy, const Url& url,
                                               const HttpRequest& request,
                                               Milliseconds deadline) const {
        HttpResponse response;
        curl_slist* raw = nullptr;
        for (const auto& [name, value] : request.headers)
            raw = curl_slist_append(raw, fmt::format("{}: {}", name, value).c_str());
        // Without it curl waits a second for a "100 Continue" before a large body.
        raw = curl_slist_append(raw, "Expect:");
        const HeaderList headers(raw);
        std::array<char, CURL_ERROR_SIZE> reason{};
        curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
        curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
        curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
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
            // A timeout before the connection stood is one of the connection.
            curl_off_t connected = 0;
            curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &connected);
            const bool unsent =
                never_sent(code) || (code == CURLE_OPERATION_TIMEDOUT && connected == 0);
            const std::string why =
                reason[0] != '\0' ? std::string(reason.data()) : curl_easy_strerror(code);
            curl_easy_reset(easy);
            if (unsent)
                return fail(ErrorKind::registry, "registry_unreachable",
                            fmt::format("{} cannot be reached: {}", url.authority, why),
                            "check the network, the region and registry.endpoint_url");
            return fail(ErrorKind::registry, "registry_reply_lost",
                        fmt::format("the reply of {} was lost: {}", url.authority, why),
                        "run again; nothing is done twice");
        }
        long status = 0;
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        response.status = static_cast<int>(status);
        curl_easy_reset(easy);  // options go, the connection stays
        return response;
    }

    [[nodiscard]] Easy take() {
        const std::lock_guard lock(mutex_);
        if (idle_.empty()) return Easy(curl_easy_init());
        Easy easy = std::move(idle_.back());
        idle_.pop_back();
        return easy;
    }

    void give_back(Easy easy) {
        const std::lock_guard lock(mutex_);
        idle_.push_back(std::move(easy));
    }

    CurlOptions options_;
    std::mutex mutex_;
    std::vector<Easy> idle_;
};

}  // namespace

std::unique_ptr<HttpClient> make_curl_client(const CurlOptions& options) {
    return std::make_unique<CurlClient>(options);
}

}  // namespace imprint::registry
