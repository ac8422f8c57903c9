#include "simulator/application.h"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstring>
#include <optional>
#include <pthread.h>
#include <thread>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/secret.h"
#include "base/threads.h"
#include "imprint_identity/identity.h"
#include "imprint_identity/shadow.h"
#include "imprint_identity/storage.h"
#include "mqtt/session.h"
#include "simulator/board_crypto.h"
#include "simulator/console.h"
#include "simulator/firmware_settings.h"
#include "simulator/sample_firmware.h"

namespace imprint::simulator {

namespace {

using imprint_identity::Storage;

constexpr std::string_view application_tag = "imprint";
constexpr std::string_view example_project = "aws_iot";

// A chip needs about this long from reset to its app's first line.
constexpr Milliseconds boot_time{620};
constexpr Milliseconds report_period{5000};
constexpr Milliseconds first_backoff{500};
constexpr Milliseconds longest_backoff{30000};
constexpr Milliseconds step_time{50};  // also how soon a stop is heard

// What the app prints, from its thread to the board's.
class SharedConsole {
  public:
    explicit SharedConsole(std::function<void()> wake) : wake_(std::move(wake)) {}

    template <typename... Args>
    void info(fmt::format_string<Args...> format, Args&&... args) {
        write([&](Console& console) {
            console.info(application_tag, format, std::forward<Args>(args)...);
        });
    }

    template <typename... Args>
    void warning(fmt::format_string<Args...> format, Args&&... args) {
        write([&](Console& console) {
            console.warning(application_tag, format, std::forward<Args>(args)...);
        });
    }

    template <typename... Args>
    void error(std::string_view from, fmt::format_string<Args...> format, Args&&... args) {
        write([&](Console& console) { console.error(from, format, std::forward<Args>(args)...); });
    }

    [[nodiscard]] std::string take() {
        const Lock lock(mutex_);
        return console_.take();
    }

    [[nodiscard]] Milliseconds uptime() const {
        return boot_time + std::chrono::duration_cast<Milliseconds>(clock_.now() - started_);
    }

  private:
    template <typename Print>
    void write(Print&& print) {
        {
            const Lock lock(mutex_);
            console_.set_time(static_cast<std::uint32_t>(uptime().count()));
            std::forward<Print>(print)(console_);
        }
        wake_();
    }

    std::function<void()> wake_;
    SystemClock clock_;
    Instant started_ = clock_.now();
    Mutex mutex_;
    Console console_ IMPRINT_GUARDED_BY(mutex_);
};

// What firmware/examples/aws_iot does.
class Firmware {
  public:
    Firmware(const ApplicationOptions& options, SharedConsole& console, std::string version)
        : options_(options), console_(&console), version_(std::move(version)) {}

    // bench: the partition that its settings name; its flash is content, where it is there.
    void run(imprint_identity::Bench bench, Bytes content, const std::stop_token& stop) {
        console_->info("device {}, version {}", options_.mac.id(), version_);
        const bool loaded = load(bench, content);
        wipe(content);
        if (!loaded) return;
        console_->info("identity of {}, endpoint {}:{}", identity_.thing_name.c_str(),
                       identity_.endpoint.c_str(), identity_.port);
        if (!options_.network) {
            console_->warning("no network");
            return;
        }
        if (!imprint_identity::make_topics(identity_.thing_name.c_str(), topics_)) return;
        talk(stop);
    }

  private:
    // The partition is read as it lies: a mount would erase a block whose magic is damaged.
    [[nodiscard]] bool load(imprint_identity::Bench& bench, ByteView content) {
        if (!content.empty())
            bench.flash = {[](void* context, std::uint32_t at, void* into, std::size_t size) {
                               const ByteView bytes = *static_cast<const ByteView*>(context);
                               if (at > bytes.size() || size > bytes.size() - at) return false;
                               std::memcpy(into, bytes.data() + at, size);
                               return true;
                           },
                           &content};
        imprint_identity::Mac mac;
        std::ranges::copy(options_.mac.octets, std::begin(mac));
        imprint_identity::Problem mended;
        const auto problem = imprint_identity::load(bench, mac, board_crypto(), identity_, mended);
        if (mended)
            console_->warning("{}: {}; read from the second copy",
                              imprint_identity::to_string(mended.status),
                              std::string_view(std::begin(mended.text)));
        if (!problem) return true;
        console_->error(application_tag, "{}: {}", imprint_identity::to_string(problem.status),
                        std::string_view(std::begin(problem.text)));
        return false;
    }

    void talk(const std::stop_token& stop) {
        auto session =
            mqtt::Session::create({identity_.endpoint.c_str(), identity_.port,
                                   identity_.client_id.c_str(), identity_.certificate.c_str(),
                                   identity_.private_key.c_str(), identity_.root_ca.c_str()});
        if (!session) {
            console_->error(application_tag, "{}", session.error().message);
            return;
        }
        Milliseconds backoff = first_backoff;
        SystemClock clock;
        while (!stop.stop_requested()) {
            session->connect();
            if (stay_connected(*session, stop)) backoff = first_backoff;
            if (!clock.sleep(backoff, stop)) return;
            backoff = std::min(backoff * 2, longest_backoff);
        }
    }

    // Until the connection ends; true if there was one.
    [[nodiscard]] bool stay_connected(mqtt::Session& session, const std::stop_token& stop) {
        std::optional<Milliseconds> next_report;
        while (!stop.stop_requested()) {
            for (const mqtt::Event& event : session.step(step_time)) {
                switch (event.kind) {
                    case mqtt::Event::Kind::connected:
                        console_->info("connected as {}", options_.mac.id());
                        session.subscribe(topics_.delta);
                        next_report = console_->uptime();
                        break;
                    case mqtt::Event::Kind::disconnected:
                        console_->error(application_tag, "not connected: {}", event.text);
                        return next_report.has_value();
                    case mqtt::Event::Kind::published:
                    case mqtt::Event::Kind::subscribed:
                        break;
                    case mqtt::Event::Kind::message:
                        if (follow(event)) next_report = console_->uptime();
                        break;
                }
            }
            if (next_report && console_->uptime() >= *next_report) {
                report(session);
                next_report = console_->uptime() + report_period;
            }
        }
        return next_report.has_value();
    }

    [[nodiscard]] bool follow(const mqtt::Event& event) {
        using imprint_identity::Light;
        const Light wanted =
            imprint_identity::wanted_light(event.payload.data(), event.payload.size());
        if (event.topic != topics_.delta || wanted == Light::unchanged) return false;
        light_on_ = wanted == Light::on;
        console_->info("light {}", light_on_ ? "on" : "off");
        return true;
    }

    void report(mqtt::Session& session) {
        const std::string id = options_.mac.id();
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(console_->uptime());
        char text[imprint_identity::shadow_report_size];
        const std::size_t size = imprint_identity::format_report(
            {id.c_str(), version_.c_str(), static_cast<std::uint32_t>(seconds.count()), light_on_},
            text);
        session.publish(topics_.update, {text, size});
    }

    ApplicationOptions options_;
    SharedConsole* console_;
    std::string version_;
    imprint_identity::Identity identity_;
    imprint_identity::ShadowTopics topics_;
    bool light_on_ = false;
};

// CONFIG_IMPRINT_IDENTITY_PARTITION by default.
const char* partition_name(Storage storage) {
    switch (storage) {
        case Storage::spiffs:
            break;
        case Storage::nvs:
            return "credentials";
        case Storage::esp_secure_cert:
            return "esp_secure_cert";
    }
    return "storage";
}

bool is_of(Storage storage, const image::Partition& partition) {
    constexpr std::uint8_t secure_cert_type = 0x3F;
    switch (storage) {
        case Storage::spiffs:
            break;  // by whatever name: other projects' samples have their own
        case Storage::nvs:
            return partition.is_nvs() && partition.name == partition_name(storage);
        case Storage::esp_secure_cert:
            return partition.type == secure_cert_type && partition.name == partition_name(storage);
    }
    return partition.is_spiffs();
}

bool has_identity_runtime(const image::AppDescription& app) {
    return app.project == sample_project || app.project == example_project;
}

// A peer that goes away while it is written to must end the connection, not the process.
void ignore_broken_pipes() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

struct Application::Parts {
    explicit Parts(std::function<void()> wake) : console(std::move(wake)) {}

    SharedConsole console;
    std::atomic<bool> ended{true};
    std::jthread thread;
};

Application::Application(const ApplicationOptions& options, ByteView flash, const Started& started,
                         std::function<void()> wake)
    : parts_(std::make_unique<Parts>(std::move(wake))) {
    const auto& description = started.app.description;
    if (!description || !has_identity_runtime(*description)) return;
    const FirmwareSettings settings = settings_of(flash, started.app_offset, started.app);
    imprint_identity::Bench bench{
        settings.storage, {}, settings.spiffs, partition_name(settings.storage), {}};
    std::string label = bench.name;
    Bytes content;
    for (const image::Partition& one : started.table.partitions()) {
        if (!is_of(settings.storage, one) || !content.empty()) continue;
        bench.geometry.image_size = one.size;
        label = one.name;
        const ByteView bytes = flash.subspan(one.offset, one.size);
        content.assign(bytes.begin(), bytes.end());
    }
    parts_->ended = false;
    parts_->thread =
        std::jthread([parts = parts_.get(), options, bench, label, version = description->version,
                      content = std::move(content)](const std::stop_token& stop) mutable {
            ignore_broken_pipes();
            bench.name = label.c_str();
            const auto ran = run_guarded("the firmware", [&]() -> Result<void> {
                Firmware(options, parts->console, version).run(bench, std::move(content), stop);
                return {};
            });
            if (!ran) parts->console.error(application_tag, "{}", ran.error().describe());
            parts->ended = true;
        });
}

Application::~Application() = default;

void Application::request_stop() {
    parts_->thread.request_stop();
}

bool Application::ended() const {
    return parts_->ended;
}

std::string Application::take_console() {
    return parts_->console.take();
}

}  // namespace imprint::simulator
