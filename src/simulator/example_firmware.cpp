#include "simulator/example_firmware.h"

#include <algorithm>
#include <random>
#include <utility>

#include "base/clock.h"
#include "imprint_identity/backoff.h"
#include "imprint_identity/wall_clock.h"

namespace imprint::simulator {

namespace {

using imprint_identity::Identity;
using imprint_identity::Problem;
using imprint_identity::Rotation;

constexpr Milliseconds report_period{5000};
// The boards' own waiting with shorter bounds, so that nobody waits minutes for a simulated one.
constexpr imprint_identity::BackoffLimits backoff_limits{500, 1000, 30000, 2000};
constexpr Milliseconds between_trials{500};
constexpr Milliseconds step_time{50};  // also how soon a stop is heard
constexpr int most_trials = 3;

std::string_view text_of(const Problem& problem) {
    return std::begin(problem.text);
}

}  // namespace

ExampleFirmware::ExampleFirmware(const ExampleFirmwareOptions& options,
                                 std::shared_ptr<AppFlash> flash, SharedConsole& console)
    : options_(options),
      console_(&console),
      credentials_(options.table, options.settings, options.mac, std::move(flash)),
      rotation_(credentials_.places(), make_request) {}

void ExampleFirmware::run(const std::stop_token& stop) {
    rotation_refused_ = false;
    console_->info("device {}, version {}", options_.mac.id(), options_.version);
    if (!load()) return;
    console_->info("identity of {}, endpoint {}:{}", identity_.thing_name.c_str(),
                   identity_.endpoint.c_str(), identity_.port);
    if (!options_.network) {
        console_->warning("no network");
        return;
    }
    if (!imprint_identity::make_topics(identity_.thing_name.c_str(), topics_) ||
        !imprint_identity::make_rotation_topics(identity_.thing_name.c_str(), rotation_topics_))
        return;
    learn_the_time();
    talk(stop);
}

// As the example's board_clock.cpp does.
void ExampleFirmware::learn_the_time() {
    if (!options_.network_time) return;
    using std::chrono::seconds;
    const imprint_identity::TimeBound bound(options_.built, 0);
    const auto told =
        std::chrono::duration_cast<seconds>(options_.network_time->time_since_epoch());
    imprint_identity::TimeText text;
    imprint_identity::to_text(told.count(), text);
    const bool taken = bound.accepts(told.count());
    if (taken)
        console_->info("it is {}", std::begin(text));
    else
        console_->warning("the network says that it is {}, which is past: not taken",
                          std::begin(text));
    const seconds now = taken ? told : seconds(bound.earliest());
    ahead_ = now - std::chrono::duration_cast<seconds>(SystemClock().wall().time_since_epoch());
}

// The partition is read as it lies: a mount would erase a block whose magic is damaged.
bool ExampleFirmware::load() {
    Problem mended;
    const Problem problem = load_in_force(credentials_.places(), identity_, mended);
    if (mended)
        console_->warning("{}: {}; read from the second copy", to_string(mended.status),
                          text_of(mended));
    if (!problem) return true;
    console_->error(application_tag, "{}: {}", to_string(problem.status), text_of(problem));
    return false;
}

Result<mqtt::Session> ExampleFirmware::session_of(const Identity& identity) {
    return mqtt::Session::create(
        {identity.endpoint.c_str(), identity.port, identity.client_id.c_str(),
         identity.certificate.c_str(), identity.private_key.c_str(), identity.root_ca.c_str(),
         ahead_ ? std::optional(SystemClock().wall() + *ahead_) : std::nullopt});
}

void ExampleFirmware::talk(const std::stop_token& stop) {
    auto session = session_of(identity_);
    imprint_identity::Backoff backoff(backoff_limits);
    std::seed_seq seed(options_.mac.octets.begin(), options_.mac.octets.end());
    std::mt19937 random(seed);
    SystemClock clock;
    while (!stop.stop_requested()) {
        if (!session) {
            console_->error(application_tag, "{}", session.error().message);
            return;
        }
        session->connect();
        const Course course = stay_connected(*session, With::in_force, stop);
        if (course.ended_for_trial) {
            try_staged(stop);
            if (!load()) return;
            session = session_of(identity_);
            continue;
        }
        backoff.connection_ended(static_cast<std::uint32_t>(course.held.count()));
        if (!clock.sleep(Milliseconds(backoff.next_ms(static_cast<std::uint32_t>(random()))), stop))
            return;
    }
}

// Ends with the connection over which they were put in force, or without one.
void ExampleFirmware::try_staged(const std::stop_token& stop) {
    Identity staged;
    Problem mended;
    const Problem bad = load_staged(credentials_.places(), staged, mended);
    if (bad) return rotation_.failed(std::begin(bad.text));
    auto session = session_of(staged);
    if (!session) return rotation_.failed(session.error().message.c_str());
    SystemClock clock;
    for (int trial = 0; trial < most_trials; ++trial) {
        session->connect();
        if (stay_connected(*session, With::staged, stop).was_up) return;
        if (!clock.sleep(between_trials, stop)) return;  // it is tried again after the restart
    }
    console_->warning("the new credentials do not connect: the old ones stay");
    rotation_.failed("the broker refuses the new credentials");
}

// Until the connection ends.
ExampleFirmware::Course ExampleFirmware::stay_connected(mqtt::Session& session, With with,
                                                        const std::stop_token& stop) {
    std::optional<Milliseconds> next_report;
    Milliseconds since = console_->uptime();
    const auto course = [&](bool for_trial) -> Course {
        return {.was_up = next_report.has_value(),
                .ended_for_trial = for_trial,
                .held = next_report ? console_->uptime() - since : Milliseconds::zero()};
    };
    while (!stop.stop_requested()) {
        for (const mqtt::Event& event : session.step(step_time)) {
            switch (event.kind) {
                case mqtt::Event::Kind::connected:
                    greet(session, with);
                    with = With::in_force;
                    since = console_->uptime();
                    next_report = since;
                    break;
                case mqtt::Event::Kind::disconnected:
                    console_->error(application_tag, "not connected: {}", event.text);
                    return course(false);
                case mqtt::Event::Kind::subscribed:
                    on_subscribed(session, event.granted);
                    break;
                case mqtt::Event::Kind::published:
                    break;
                case mqtt::Event::Kind::message:
                    if (on_message(session, event)) next_report = console_->uptime();
                    break;
            }
        }
        if (rotation_.is_trying() && with == With::in_force) return course(true);
        if (next_report && console_->uptime() >= *next_report) {
            report(session);
            next_report = console_->uptime() + report_period;
        }
    }
    return course(false);
}

void ExampleFirmware::greet(mqtt::Session& session, With with) {
    console_->info("connected as {}", options_.mac.id());
    if (with == With::staged) {
        carry_out(session, rotation_.connected());
        console_->info("new credentials are in force");
    }
    session.subscribe(topics_.delta);
    subscriptions_ = 1;
    // Some brokers end the connection of who asks: then it would have none.
    may_rotate_ = credentials_.places().slots.read != nullptr && !rotation_refused_;
    if (!may_rotate_) return;
    for (const auto& topic :
         {rotation_topics_.get_accepted, rotation_topics_.get_rejected, rotation_topics_.delta})
        session.subscribe(topic);
    subscriptions_ += 3;
}

// A broker whose policy has no place for it closes the connection on a publish: it is asked only
// where it has granted the answers.
void ExampleFirmware::on_subscribed(mqtt::Session& session, bool granted) {
    if (subscriptions_ == 0) return;
    --subscriptions_;
    may_rotate_ = may_rotate_ && granted;
    rotation_refused_ = rotation_refused_ || !granted;
    if (subscriptions_ == 0 && may_rotate_) session.publish(rotation_topics_.get, "{}", 1);
}

// Whether the state is to be reported at once.
bool ExampleFirmware::on_message(mqtt::Session& session, const mqtt::Event& event) {
    if (event.topic == rotation_topics_.get_accepted) {
        Problem told;
        const auto next = rotation_.take(event.payload.data(), event.payload.size(), told);
        if (told) console_->warning("{}: {}", to_string(told.status), text_of(told));
        carry_out(session, next);
        return false;
    }
    if (event.topic == rotation_topics_.get_rejected) {
        rotation_.take_rejected(event.payload.data(), event.payload.size());
        return false;
    }
    if (event.topic == rotation_topics_.delta) {
        session.publish(rotation_topics_.get, "{}", 1);
        return false;
    }
    return follow_light(event);
}

void ExampleFirmware::carry_out(mqtt::Session& session, Rotation::Next next) {
    switch (next) {
        case Rotation::Next::nothing:
            return;
        case Rotation::Next::try_staged:
            console_->info("new credentials are staged");
            return;  // stay_connected() sees it
        case Rotation::Next::report:
            break;
    }
    char text[imprint_identity::rotation_report_size];
    if (const std::size_t size = rotation_.report(text); size != 0)
        session.publish(rotation_topics_.update, {text, size}, 1);
}

bool ExampleFirmware::follow_light(const mqtt::Event& event) {
    using imprint_identity::Light;
    if (event.topic != topics_.delta) return false;
    imprint_identity::Delta delta;
    imprint_identity::read_delta(event.payload.data(), event.payload.size(),
                                 imprint_identity::ShadowForm::own, delta);
    if (*std::begin(delta.not_understood) != '\0')
        console_->warning("the shadow's delta is not understood: {}",
                          std::string_view(std::begin(delta.not_understood)));
    if (delta.light == Light::unchanged) return false;
    light_on_ = delta.light == Light::on;
    console_->info("light {}", light_on_ ? "on" : "off");
    return true;
}

void ExampleFirmware::report(mqtt::Session& session) {
    const std::string id = options_.mac.id();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(console_->uptime());
    char text[imprint_identity::shadow_report_size];
    imprint_identity::Report report;
    report.device_id = id.c_str();
    report.version = options_.version.c_str();
    report.uptime_s = static_cast<std::uint32_t>(seconds.count());
    report.light_on = light_on_;
    const std::size_t size = imprint_identity::format_report(report, text);
    session.publish(topics_.update, {text, size});
}

}  // namespace imprint::simulator
