#include "aws/providers/service.h"

#include <random>

#include "aws/retry.h"

namespace imprint::aws {

Result<http::ClientResponse> ask_service(const CredentialServices& services,
                                         const Question& question) {
    constexpr Milliseconds deadline{20'000};
    Backoff backoff(std::random_device{}());
    for (unsigned attempt = 1;; ++attempt) {
        http::ClientRequest request = question.request();
        auto response = services.cloud->send(request, deadline);
        wipe(request.body);
        for (auto& [name, value] : request.headers)
            wipe(value);
        const bool good = response && response->status == 200;
        if (good || attempt >= question.attempts) return response;
        const Trouble trouble = response
                                    ? trouble_of(response->status, question.error_name(*response))
                                    : trouble_of(0, response.error().code);
        if (trouble == Trouble::none) return response;
        if (response) wipe(response->body);
        services.clock->sleep(backoff.wait(attempt, {}));
    }
}

}  // namespace imprint::aws
