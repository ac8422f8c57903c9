#include "label/queue.h"

#include <condition_variable>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mutex>
#include <set>
#include <system_error>

namespace imprint::label {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

MacAddress board(std::uint8_t number) {
    return {{0x24, 0x6F, 0x28, 0, 0, number}};
}

Error trouble(const std::string& message) {
    return make_error(ErrorKind::config, "label_printer", message);
}

// A printer that prints, fails or waits as it is told.
class ObedientPrinter final : public Printer {
  public:
    struct State {
        std::mutex mutex;
        std::condition_variable changed;
        std::optional<Error> fault;
        bool holds = false;  // does not answer until it is let go
        std::optional<Error> spooler;
        bool throws = false;
        unsigned attempts = 0;
        std::vector<std::string> printed;

        template <typename Change>
        void change(Change change) {
            const std::lock_guard lock(mutex);
            change(*this);
            changed.notify_all();
        }

        template <typename Condition>
        void await(Condition condition) {
            std::unique_lock lock(mutex);
            EXPECT_TRUE(
                changed.wait_for(lock, std::chrono::seconds(30), [&] { return condition(*this); }));
        }
    };

    explicit ObedientPrinter(std::shared_ptr<State> state) : state_(std::move(state)) {}

    Result<Handed> print(const PrintJob& job, const std::stop_token& stop) override {
        std::unique_lock lock(state_->mutex);
        ++state_->attempts;
        state_->changed.notify_all();
        const std::stop_callback wake(stop, [this] { state_->changed.notify_all(); });
        while (state_->holds && !stop.stop_requested())
            state_->changed.wait_for(lock, Milliseconds(5));
        if (state_->throws) throw std::runtime_error("a bug");
        if (stop.stop_requested() && state_->holds)
            return fail(ErrorKind::interrupted, "interrupted", "the label is not printed");
        if (state_->fault) return std::unexpected(*state_->fault);
        state_->printed.push_back(job.name);
        state_->changed.notify_all();
        return Handed{state_->spooler};
    }

  private:
    std::shared_ptr<State> state_;
};

// Its pauses are over at once.
class HastyClock final : public Clock {
  public:
    [[nodiscard]] Instant now() const override { return {}; }

    [[nodiscard]] WallTime wall() const override { return {}; }

    bool sleep(Milliseconds time, const std::stop_token& stop) override {
        const std::lock_guard lock(mutex_);
        pauses_.push_back(time);
        return !stop.stop_requested();
    }

    std::vector<Milliseconds> pauses() {
        const std::lock_guard lock(mutex_);
        return pauses_;
    }

  private:
    std::mutex mutex_;
    std::vector<Milliseconds> pauses_;
};

class LabelQueueTest : public testing::Test {
  protected:
    std::unique_ptr<LabelQueue> queue(QueueOptions options = {},
                                      const ThreadMaker& make = make_thread) {
        return std::make_unique<LabelQueue>(
            LabelQueue::Target{"tcp://printer", std::make_unique<ObedientPrinter>(printer_),
                               Format::zpl},
            [this](const MacAddress& mac) -> Result<Drawing> {
                if (is_busy_ > 0) {
                    --is_busy_;
                    return fail(ErrorKind::ledger, "database_busy", "locked");
                }
                if (undrawable_.contains(mac))
                    return fail(ErrorKind::config, "label_content", "no room");
                return Drawing{.width = 10, .height = 10, .dpi = 203, .bars = {}, .texts = {}};
            },
            [this](events::Event event) {
                const std::lock_guard lock(printer_->mutex);
                told_.push_back(std::move(event));
                printer_->changed.notify_all();
            },
            clock_, options, make);
    }

    // "printed 1", "trouble 2 waiting 1: out of paper", "gave up 3: …"
    std::vector<std::string> told() {
        const std::lock_guard lock(printer_->mutex);
        std::vector<std::string> lines;
        for (const auto& event : told_) {
            const int number = event.mac->octets[5];
            if (events::as<events::LabelPrinted>(event) != nullptr)
                lines.push_back(fmt::format("printed {}", number));
            if (const auto* one = events::as<events::LabelTrouble>(event))
                lines.push_back(fmt::format("{} {}: {}", one->given_up ? "gave up" : "trouble",
                                            number, one->reason));
        }
        return lines;
    }

    std::shared_ptr<ObedientPrinter::State> printer_ = std::make_shared<ObedientPrinter::State>();
    std::vector<events::Event> told_;
    std::set<MacAddress> undrawable_;
    int is_busy_ = 0;
    HastyClock clock_;
};

TEST_F(LabelQueueTest, labels_are_printed_in_the_order_of_their_boards) {
    const auto labels = queue();
    for (std::uint8_t number = 1; number <= 3; ++number)
        labels->add(board(number), "bay0");
    labels->finish();
    EXPECT_THAT(printer_->printed, ElementsAre("246f28000001", "246f28000002", "246f28000003"));
    EXPECT_THAT(told(), ElementsAre("printed 1", "printed 2", "printed 3"));
    EXPECT_EQ(told_.at(0).bay, "bay0");
}

TEST_F(LabelQueueTest, no_board_waits_for_its_printer) {
    printer_->holds = true;
    const auto labels = queue();
    labels->add(board(1), "bay0");
    printer_->await([](const auto& state) { return state.attempts == 1; });
    // It hangs: whoever adds goes on.
    for (std::uint8_t number = 2; number < 50; ++number)
        labels->add(board(number), "bay0");
    EXPECT_EQ(labels->waiting(), 49U);
    printer_->change([](auto& state) { state.holds = false; });
    labels->finish();
    EXPECT_EQ(printer_->printed.size(), 49U);
}

TEST_F(LabelQueueTest, trouble_is_told_once_and_the_label_printed_when_it_is_over) {
    printer_->fault = trouble("out of paper");
    const auto labels = queue();
    labels->add(board(1), "bay0");
    printer_->await([](const auto& state) { return state.attempts >= 5; });
    labels->add(board(2), "bay1");
    EXPECT_THAT(told(), ElementsAre("trouble 1: out of paper"));
    printer_->change([](auto& state) { state.fault.reset(); });
    printer_->await([](const auto& state) { return state.printed.size() == 2; });
    labels->finish();
    EXPECT_THAT(told(), ElementsAre("trouble 1: out of paper", "printed 1", "printed 2"));
    EXPECT_THAT(printer_->printed, ElementsAre("246f28000001", "246f28000002"));
}

TEST_F(LabelQueueTest, other_trouble_and_trouble_anew_are_told) {
    printer_->fault = trouble("out of paper");
    const auto labels = queue();
    const auto attempted = [this] {
        unsigned before = 0;
        printer_->change([&](auto& state) { before = state.attempts; });
        printer_->await([before](const auto& state) { return state.attempts >= before + 3; });
    };
    labels->add(board(1), "bay0");
    attempted();
    printer_->change([](auto& state) { state.fault = trouble("head open"); });
    attempted();
    printer_->change([](auto& state) { state.fault.reset(); });
    printer_->await([](const auto& state) { return state.printed.size() == 1; });
    printer_->change([](auto& state) { state.fault = trouble("head open"); });
    labels->add(board(2), "bay0");
    attempted();
    labels->finish();
    EXPECT_THAT(told(), ElementsAre("trouble 1: out of paper", "trouble 1: head open", "printed 1",
                                    "trouble 2: head open", "gave up 2: head open"));
}

TEST_F(LabelQueueTest, the_pauses_between_attempts_grow_to_their_bound) {
    printer_->fault = trouble("off");
    const auto labels =
        queue({.bound = 10, .first_pause = Milliseconds(100), .longest_pause = Milliseconds(300)});
    labels->add(board(1), "bay0");
    printer_->await([](const auto& state) { return state.attempts >= 5; });
    auto pauses = clock_.pauses();
    pauses.resize(4);
    EXPECT_THAT(pauses, ElementsAre(Milliseconds(100), Milliseconds(200), Milliseconds(300),
                                    Milliseconds(300)));
    labels->finish();
}

TEST_F(LabelQueueTest, a_run_ends_with_a_printer_that_is_off) {
    printer_->fault = trouble("off");
    const auto labels = queue();
    labels->add(board(1), "bay0");
    labels->add(board(2), "bay1");
    printer_->await([](const auto& state) { return state.attempts >= 2; });
    labels->finish();
    EXPECT_THAT(told(), ElementsAre("trouble 1: off", "gave up 1: off", "gave up 2: off"));
    const auto* last = events::as<events::LabelTrouble>(told_.back());
    EXPECT_THAT(last->hint, HasSubstr("imprint label 246f28000002 --print"));
    // And nobody prints what comes after the end.
    labels->add(board(3), "bay0");
    EXPECT_THAT(told().back(), HasSubstr("gave up 3: labels are not printed any more"));
}

TEST_F(LabelQueueTest, a_stop_ends_a_printer_that_hangs) {
    printer_->holds = true;
    const auto labels = queue();
    labels->add(board(1), "bay0");
    printer_->await([](const auto& state) { return state.attempts == 1; });
    std::stop_source stop;
    stop.request_stop();
    labels->finish(stop.get_token());
    EXPECT_THAT(told(), ElementsAre(HasSubstr("gave up 1")));
}

TEST_F(LabelQueueTest, a_label_that_cannot_be_drawn_holds_up_no_other) {
    undrawable_.insert(board(1));
    const auto labels = queue();
    labels->add(board(1), "bay0");
    labels->add(board(2), "bay0");
    labels->finish();
    EXPECT_THAT(told(), ElementsAre("gave up 1: no room", "printed 2"));
}

TEST_F(LabelQueueTest, a_ledger_that_is_busy_is_asked_again) {
    is_busy_ = 2;
    const auto labels = queue();
    labels->add(board(1), "bay0");
    printer_->await([](const auto& state) { return state.printed.size() == 1; });
    labels->finish();
    EXPECT_THAT(told(), ElementsAre("trouble 1: locked", "printed 1"));
}

TEST_F(LabelQueueTest, what_the_spooler_holds_is_told_and_not_sent_again) {
    printer_->spooler = trouble("CUPS holds it");
    const auto labels = queue();
    labels->add(board(1), "bay0");
    labels->finish();
    EXPECT_THAT(told(), ElementsAre("gave up 1: CUPS holds it"));
    EXPECT_EQ(printer_->attempts, 1U);
}

TEST_F(LabelQueueTest, the_queue_has_a_bound) {
    printer_->holds = true;
    const auto labels = queue({.bound = 2});
    labels->add(board(1), "bay0");
    printer_->await([](const auto& state) { return state.attempts == 1; });
    labels->add(board(2), "bay0");
    labels->add(board(2), "bay0");  // waits already
    labels->add(board(3), "bay0");
    EXPECT_THAT(told(), ElementsAre("gave up 3: 2 labels wait for the printer already"));
    printer_->change([](auto& state) { state.holds = false; });
    labels->finish();
    EXPECT_THAT(printer_->printed, ElementsAre("246f28000001", "246f28000002"));
}

TEST_F(LabelQueueTest, without_a_thread_or_after_a_bug_labels_are_told_as_not_printed) {
    {
        const auto labels = queue({}, [](auto) -> std::jthread {
            throw std::system_error(EAGAIN, std::generic_category());
        });
        labels->add(board(1), "bay0");
        labels->finish();
    }
    EXPECT_THAT(told(), ElementsAre(HasSubstr("gave up 1")));
    printer_->throws = true;
    const auto labels = queue();
    labels->add(board(2), "bay0");
    labels->finish();
    EXPECT_THAT(told().back(), HasSubstr("gave up 2"));
    labels->add(board(3), "bay0");
    EXPECT_THAT(told().back(), HasSubstr("gave up 3"));
}

}  // namespace
}  // namespace imprint::label
