#include "label/printer.h"

#include <atomic>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mutex>
#include <sys/stat.h>

#include "base/error_code.h"
#include "base/files.h"
#include "label/printers.h"
#include "label/socket_printer.h"
#include "label/told.h"

namespace imprint::label {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A Zebra in order, and with a flag set: line, field.
std::string host_status(int line = 0, int field = 0) {
    std::array<std::vector<std::string>, 3> lines{{
        {"030", "0", "0", "0449", "000", "0", "0", "0", "000", "0", "0", "0"},
        {"000", "0", "0", "0", "1", "2", "6", "0", "00000000", "1", "000"},
        {"1234", "0"},
    }};
    if (line > 0) lines.at(line - 1).at(field - 1) = "1";
    std::string text;
    for (const auto& fields : lines) {
        text += '\x02';
        for (std::size_t i = 0; i < fields.size(); ++i)
            text += (i > 0 ? "," : "") + fields[i];
        text += "\x03\r\n";
    }
    return text;
}

TEST(LabelPrinterAddress, three_kinds_of_printers_are_known) {
    EXPECT_EQ(parse_printer("cups:Zebra_ZD421")->target, "Zebra_ZD421");
    const auto tcp = parse_printer("tcp://10.0.0.9");
    EXPECT_EQ(tcp->kind, PrinterKind::tcp);
    EXPECT_EQ(tcp->port, 9100);
    EXPECT_EQ(parse_printer("tcp://[::1]:6101")->target, "::1");
    EXPECT_EQ(parse_printer("tcp://[::1]:6101")->port, 6101);
    EXPECT_EQ(parse_printer("file:out/labels")->target, "out/labels");
    for (const char* wrong : {"", "cups:", "cups:-oraw", "cups:a b", "cups:a/b", "tcp:10.0.0.9",
                              "tcp://", "tcp://h:0", "file:", "zebra", "http://h"})
        EXPECT_EQ(code_of(parse_printer(wrong)), "label_printer") << wrong;
}

TEST(LabelPrinterAddress, a_printer_gets_what_it_most_likely_takes) {
    EXPECT_EQ(format_for(*parse_printer("tcp://h"), PrintFormat::automatic), Format::zpl);
    EXPECT_EQ(format_for(*parse_printer("cups:q"), PrintFormat::automatic), Format::pdf);
    EXPECT_EQ(format_for(*parse_printer("file:f"), PrintFormat::automatic), Format::pdf);
    EXPECT_EQ(format_for(*parse_printer("tcp://h"), PrintFormat::pdf), Format::pdf);
}

TEST(ZebraStatus, what_keeps_it_from_printing_is_named) {
    EXPECT_EQ(zebra_fault(host_status()), "");
    EXPECT_EQ(zebra_fault(host_status(1, 2)), "is out of paper");
    EXPECT_EQ(zebra_fault(host_status(1, 3)), "is paused");
    EXPECT_THAT(zebra_fault(host_status(1, 6)), HasSubstr("busy"));
    EXPECT_EQ(zebra_fault(host_status(2, 3)), "has its head open");
    EXPECT_EQ(zebra_fault(host_status(2, 4)), "is out of ribbon");
    // Field 10 of the second line is a 1 always.
    for (const char* other : {"", "ready", "\x02\x03\x02\x03",
                              "\x02"
                              "1,1,1\x03\x02"
                              "1,1,1,1\x03"})
        EXPECT_EQ(zebra_fault(other), "") << other;
}

class TcpPrinterTest : public testing::Test {
  protected:
    Result<Handed> print(const std::string& address, Format format, std::string bytes,
                         const std::stop_token& stop = {}) {
        const auto printer = open_printer(*parse_printer(address), clock_, tools_);
        return printer->print({.name = "246f28a1b2c3", .format = format, .bytes = std::move(bytes)},
                              stop);
    }

    // Collects all that is sent on each connection.
    SocketPrinter::Behaviour collect() {
        return [this](Fd& fd, const std::stop_token& stop) {
            const std::string all = SocketPrinter::read_all(fd, stop);
            const std::lock_guard lock(mutex_);
            printed_.push_back(all);
        };
    }

    std::vector<std::string> printed() {
        const std::lock_guard lock(mutex_);
        return printed_;
    }

    SystemClock clock_;
    PrinterTools tools_{.connect = Milliseconds(5000),
                        .stall = Milliseconds(5000),
                        .answer = Milliseconds(50),
                        .close = Milliseconds(5000)};
    std::mutex mutex_;
    std::vector<std::string> printed_;
};

TEST_F(TcpPrinterTest, a_printer_gets_every_byte_once) {
    const std::string label(300'000, 'x');
    {
        const SocketPrinter printer(collect());
        const auto done = print(printer.address(), Format::pdf, label);
        ASSERT_TRUE(done) << done.error().describe();
        EXPECT_FALSE(done->trouble);
    }
    EXPECT_EQ(printed(), std::vector{label});
}

TEST_F(TcpPrinterTest, one_that_does_not_tell_its_state_prints_all_the_same) {
    {
        const SocketPrinter printer(collect());
        EXPECT_TRUE(print(printer.address(), Format::zpl, "^XA^XZ"));
    }
    EXPECT_EQ(printed(), std::vector<std::string>{"~HS^XA^XZ"});
}

TEST_F(TcpPrinterTest, a_printer_without_paper_gets_no_label) {
    tools_.answer = Milliseconds(5000);
    std::atomic<bool> has_paper = false;
    {
        const SocketPrinter printer([&](Fd& fd, const std::stop_token& stop) {
            std::string all = SocketPrinter::read_some(fd, stop, 3);
            SocketPrinter::say(fd, has_paper ? host_status() : host_status(1, 2));
            all += SocketPrinter::read_all(fd, stop);
            const std::lock_guard lock(mutex_);
            printed_.push_back(all);
        });
        const auto refused = print(printer.address(), Format::zpl, "^XA^XZ");
        EXPECT_EQ(code_of(refused), "label_printer");
        EXPECT_THAT(told(refused), HasSubstr("is out of paper"));
        has_paper = true;
        EXPECT_TRUE(print(printer.address(), Format::zpl, "^XA^XZ"));
    }
    EXPECT_EQ(printed(), (std::vector<std::string>{"~HS", "~HS^XA^XZ"}));
}

TEST_F(TcpPrinterTest, a_port_where_nobody_listens_is_told) {
    std::string address;
    {
        const SocketPrinter gone([](Fd&, const std::stop_token&) {});
        address = gone.address();
    }
    const auto refused = print(address, Format::zpl, "^XA^XZ");
    EXPECT_EQ(code_of(refused), "label_printer");
    EXPECT_THAT(told(refused), HasSubstr("cannot be reached: Connection refused"));
}

TEST_F(TcpPrinterTest, a_host_that_there_is_not_is_told) {
    // RFC 6761: never a name.
    const auto refused = print("tcp://printer.invalid", Format::zpl, "^XA^XZ");
    EXPECT_EQ(code_of(refused), "label_printer");
    EXPECT_THAT(told(refused), HasSubstr("is not found"));
}

TEST_F(TcpPrinterTest, a_connection_that_ends_in_the_middle_is_no_printed_label) {
    const SocketPrinter printer(
        [](Fd& fd, const std::stop_token& stop) {
            static_cast<void>(SocketPrinter::read_some(fd, stop, 100));
            SocketPrinter::reset(fd);
        },
        4096);
    const auto broken = print(printer.address(), Format::pdf, std::string(4'000'000, 'x'));
    EXPECT_EQ(code_of(broken), "label_printer");
    EXPECT_THAT(told(broken), HasSubstr("ended the connection before it had the label"));
}

// Small enough to lie in this side's buffers: sending it says nothing.
TEST_F(TcpPrinterTest, a_short_label_that_nobody_took_is_not_printed) {
    const SocketPrinter printer([](Fd& fd, const std::stop_token& stop) {
        SocketPrinter::wait(fd, stop);
        SocketPrinter::reset(fd);
    });
    EXPECT_EQ(code_of(print(printer.address(), Format::pdf, "short")), "label_printer");
}

TEST_F(TcpPrinterTest, a_slow_printer_is_waited_for) {
    const std::string label(400'000, 'x');
    {
        const SocketPrinter printer(
            [this](Fd& fd, const std::stop_token& stop) {
                std::string all;
                while (true) {
                    const std::string piece = SocketPrinter::read_some(fd, stop, 4096);
                    if (piece.empty()) break;
                    all += piece;
                    std::this_thread::sleep_for(Milliseconds(1));
                }
                const std::lock_guard lock(mutex_);
                printed_.push_back(all);
            },
            4096);
        const auto done = print(printer.address(), Format::pdf, label);
        EXPECT_TRUE(done) << done.error().describe();
    }
    EXPECT_EQ(printed(), std::vector{label});
}

TEST_F(TcpPrinterTest, one_that_takes_nothing_any_more_is_told) {
    tools_.stall = Milliseconds(200);
    std::atomic<bool> release = false;
    const SocketPrinter printer(
        [&](Fd&, const std::stop_token& stop) {
            while (!release && !stop.stop_requested())
                std::this_thread::sleep_for(Milliseconds(5));
        },
        4096);
    const auto stuck = print(printer.address(), Format::pdf, std::string(8'000'000, 'x'));
    release = true;
    EXPECT_EQ(code_of(stuck), "label_printer");
    EXPECT_THAT(told(stuck), HasSubstr("takes nothing any more"));
}

// All of it has left this program, and lies in the buffers of this computer.
TEST_F(TcpPrinterTest, what_the_printer_has_not_received_is_not_printed) {
    tools_.stall = Milliseconds(200);
    tools_.close = Milliseconds(10);
    const SocketPrinter printer(
        [](Fd&, const std::stop_token& stop) {
            while (!stop.stop_requested())
                std::this_thread::sleep_for(Milliseconds(5));
        },
        4096);
    const auto stuck = print(printer.address(), Format::pdf, std::string(40'000, 'x'));
    EXPECT_EQ(code_of(stuck), "label_printer");
}

TEST_F(TcpPrinterTest, a_stop_ends_the_wait_for_a_printer) {
    tools_.stall = Milliseconds(60'000);
    std::stop_source stop;
    const SocketPrinter printer(
        [&](Fd& fd, const std::stop_token& end) {
            SocketPrinter::wait(fd, end);
            stop.request_stop();
            while (!end.stop_requested())
                std::this_thread::sleep_for(Milliseconds(5));
        },
        4096);
    EXPECT_EQ(code_of(print(printer.address(), Format::pdf, std::string(8'000'000, 'x'),
                            stop.get_token())),
              "interrupted");
}

TEST(FilePrinter, a_board_gets_a_file_of_its_own) {
    const auto folder = TemporaryDirectory::create("imprint-labels").value();
    SystemClock clock;
    const auto printer =
        open_printer(*parse_printer("file:" + (folder.path() / "out").string()), clock);
    ASSERT_TRUE(
        printer->print({.name = "246f28a1b2c3", .format = Format::zpl, .bytes = "^XA^XZ"}, {}));
    EXPECT_EQ(read_text(folder.path() / "out" / "246f28a1b2c3.zpl").value(), "^XA^XZ");
    const auto none = open_printer(*parse_printer("file:/proc/none"), clock);
    EXPECT_EQ(code_of(none->print({.name = "a", .format = Format::zpl, .bytes = "^XA^XZ"}, {})),
              "label_printer");
}

// CUPS' commands, written down: each call with its arguments, and what a test wants them to say.
class CupsPrinterTest : public testing::Test {
  protected:
    void script(const std::string& name, const std::string& body) {
        const auto path = folder_.path() / name;
        ASSERT_TRUE(write_file(
            path, "#!/bin/sh\necho \"" + name + " $*\" >> " + log().string() + "\n" + body + "\n"));
        ASSERT_EQ(::chmod(path.c_str(), 0755), 0);
    }

    [[nodiscard]] std::filesystem::path log() const { return folder_.path() / "calls"; }

    Result<Handed> print(Format format) {
        const auto printer = open_printer(*parse_printer("cups:zebra"), clock_,
                                          {.lp = (folder_.path() / "lp").string(),
                                           .lpstat = (folder_.path() / "lpstat").string(),
                                           .spooled = Milliseconds(250)});
        return printer->print({.name = "246f28a1b2c3",
                               .format = format,
                               .bytes = "bytes",
                               .width = 50,
                               .height = 25.4},
                              {});
    }

    TemporaryDirectory folder_ = TemporaryDirectory::create("imprint-cups").value();
    SystemClock clock_;
};

constexpr const char* idle = "[ $1 = -o ] || echo 'printer zebra is idle.  enabled since today'";

TEST_F(CupsPrinterTest, a_label_goes_to_its_queue_at_its_size) {
    script("lpstat", idle);
    script("lp", "for last; do :; done; cp \"$last\" " + (folder_.path() / "printed").string() +
                     "; echo 'request id is zebra-17 (1 file(s))'");
    const auto done = print(Format::pdf);
    ASSERT_TRUE(done) << done.error().describe();
    EXPECT_FALSE(done->trouble);
    EXPECT_EQ(read_text(folder_.path() / "printed").value(), "bytes");
    const std::string calls = read_text(log()).value();
    EXPECT_THAT(calls, HasSubstr("lp -d zebra -t label 246f28a1b2c3 -o media=Custom.50x25.4mm -o "
                                 "print-scaling=none -- "));
    ASSERT_TRUE(print(Format::zpl));
    EXPECT_THAT(read_text(log()).value(), HasSubstr("-o raw -- "));
}

TEST_F(CupsPrinterTest, a_queue_that_stands_gets_no_label) {
    script("lpstat", "printf 'printer zebra disabled since Sun -\\n\\tmedia-empty\\n'");
    script("lp", "echo 'request id is zebra-17 (1 file(s))'");
    const auto refused = print(Format::pdf);
    EXPECT_EQ(code_of(refused), "label_printer");
    EXPECT_THAT(told(refused), HasSubstr("disabled since Sun"));
    EXPECT_THAT(told(refused), HasSubstr("media-empty"));
    EXPECT_THAT(read_text(log()).value(), Not(HasSubstr("lp -d")));
}

TEST_F(CupsPrinterTest, what_cups_holds_is_told_and_not_sent_again) {
    script("lpstat",
           "[ $1 = -o ] && echo 'zebra-17   root  1024 today' || echo 'printer zebra now printing "
           "zebra-17.'");
    script("lp", "echo 'request id is zebra-17 (1 file(s))'");
    const auto held = print(Format::pdf);
    ASSERT_TRUE(held) << held.error().describe();
    ASSERT_TRUE(held->trouble);
    EXPECT_THAT(held->trouble->describe(), HasSubstr("CUPS holds the label as zebra-17"));
}

TEST_F(CupsPrinterTest, another_job_with_a_longer_number_is_not_this_one) {
    script("lpstat",
           "[ $1 = -o ] && echo 'zebra-170   root  1024 today' || echo 'printer zebra is idle.'");
    script("lp", "echo 'request id is zebra-17 (1 file(s))'");
    const auto done = print(Format::pdf);
    ASSERT_TRUE(done);
    EXPECT_FALSE(done->trouble);
}

TEST_F(CupsPrinterTest, what_is_not_there_is_told) {
    const auto none = print(Format::pdf);
    EXPECT_EQ(code_of(none), "label_printer");
    EXPECT_THAT(told(none), HasSubstr("apt install cups-client"));
    script("lpstat", "echo 'lpstat: Invalid destination name in list \"zebra\".'; exit 1");
    EXPECT_THAT(told(print(Format::pdf)), HasSubstr("CUPS has no queue zebra"));
    script("lpstat", idle);
    script("lp", "echo 'lp: Error - no space'; exit 1");
    EXPECT_THAT(told(print(Format::pdf)),
                HasSubstr("did not take the label: lp: Error - no space"));
}

}  // namespace
}  // namespace imprint::label
