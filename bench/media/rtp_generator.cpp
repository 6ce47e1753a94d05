/// Telephones by the thousand: sends RTP to a server, takes what comes back, and tells as JSON how much it
/// was, how long it took and what it cost the server.
///
///   rtp_generator --payloads <folder> [--audio speech] [--local 127.0.0.2] [--warm-up 2000] [--measured
///   5000]
///     [--slot 250] [--measure marks|bursts|nothing] [--lost 0] [--duplicated 0] [--reordered 0] [--jitter 0]
///     [--seed 1] [--server <pid>] [--per-flow yes] [--spin no] < flows
///
/// Milliseconds for warm-up, measured and jitter, microseconds for slot. The flows are described in flow.hpp.

#include <cstdio>
#include <exception>
#include <iostream>
#include <map>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include "generator.hpp"

namespace bench {
namespace {

using Options = std::map<std::string, std::string>;

Options read_options(int count, char** words) {
  Options options{{"payloads", ""},
                  {"audio", "speech"},
                  {"local", "127.0.0.2"},
                  {"warm-up", "2000"},
                  {"measured", "5000"},
                  {"slot", "250"},
                  {"measure", "marks"},
                  {"lost", "0"},
                  {"duplicated", "0"},
                  {"reordered", "0"},
                  {"jitter", "0"},
                  {"seed", "1"},
                  {"server", "0"},
                  {"per-flow", "no"},
                  {"spin", "yes"}};
  for (int i = 1; i < count; i += 2) {
    const std::string word = words[i];
    const auto known = word.starts_with("--") ? options.find(word.substr(2)) : options.end();
    if (known == options.end() || i + 1 == count) throw std::runtime_error("unknown option " + word);
    known->second = words[i + 1];
  }
  return options;
}

Measure measure_named(const std::string& name) {
  if (name == "marks") return Measure::Marks;
  if (name == "bursts") return Measure::Bursts;
  if (name == "nothing") return Measure::Nothing;
  throw std::runtime_error("nothing is measured by " + name);
}

Plan plan_of(const Options& options) {
  return {.warm_up = std::chrono::milliseconds(std::stol(options.at("warm-up"))),
          .measured = std::chrono::milliseconds(std::stol(options.at("measured"))),
          .slot = std::chrono::microseconds(std::stol(options.at("slot"))),
          .measure = measure_named(options.at("measure")),
          .network = {.lost = std::stod(options.at("lost")),
                      .duplicated = std::stod(options.at("duplicated")),
                      .reordered = std::stod(options.at("reordered")),
                      .jitter = std::chrono::milliseconds(std::stol(options.at("jitter")))},
          .seed = std::stoull(options.at("seed")),
          .is_spinning = options.at("spin") == "yes",
          .server = static_cast<pid_t>(std::stol(options.at("server")))};
}

double seconds(std::chrono::nanoseconds time) { return std::chrono::duration<double>(time).count(); }

void print_counts(const FlowCounts& counts) {
  std::printf("\"sent\":%llu,\"lost\":%llu,\"duplicated\":%llu,\"received\":%llu,\"receivedAgain\":%llu",
              static_cast<unsigned long long>(counts.sent),
              static_cast<unsigned long long>(counts.lost),
              static_cast<unsigned long long>(counts.duplicated),
              static_cast<unsigned long long>(counts.received),
              static_cast<unsigned long long>(counts.received_again));
}

FlowCounts sum_of(const std::vector<FlowCounts>& flows) {
  FlowCounts sum;
  for (const FlowCounts& flow : flows) {
    sum.sent += flow.sent;
    sum.lost += flow.lost;
    sum.duplicated += flow.duplicated;
    sum.received += flow.received;
    sum.received_again += flow.received_again;
  }
  return sum;
}

void print(Outcome& outcome, bool is_per_flow) {
  std::printf("{\"legs\":%zu,\"seconds\":%.6f,", outcome.flows.size(), seconds(outcome.elapsed));
  print_counts(sum_of(outcome.flows));
  std::printf(",\"serverCpuSeconds\":%.6f,\"generatorCpuSeconds\":%.6f,\"latestSendMicros\":%.0f",
              seconds(outcome.server_cpu),
              seconds(outcome.own_cpu),
              seconds(outcome.latest) * 1e6);
  std::printf(",\"strange\":%llu,\"rtcp\":%llu,\"refused\":%llu",
              static_cast<unsigned long long>(outcome.strange),
              static_cast<unsigned long long>(outcome.rtcp),
              static_cast<unsigned long long>(outcome.refused));
  if (outcome.delays.count() > 0) {
    std::printf(",\"delayMicros\":{\"count\":%zu,\"p50\":%u,\"p99\":%u,\"max\":%u}",
                outcome.delays.count(),
                outcome.delays.quantile(0.5),
                outcome.delays.quantile(0.99),
                outcome.delays.quantile(1));
  }
  if (is_per_flow) {
    const char* before = ",\"flows\":[{";
    for (const FlowCounts& flow : outcome.flows) {
      std::fputs(before, stdout);
      print_counts(flow);
      before = "},{";
    }
    std::fputs("}]", stdout);
  }
  std::puts("}");
}

}  // namespace
}  // namespace bench

int main(int count, char** words) {
  try {
    const bench::Options options = bench::read_options(count, words);
    const std::vector<bench::Flow> flows = bench::read_flows(std::cin);
    if (flows.empty()) throw std::runtime_error("there are no flows");
    const bench::Payloads payloads(options.at("payloads"), options.at("audio"));
    bench::FarEnds far_ends(options.at("local"));
    bench::Generator generator(flows, payloads, bench::plan_of(options), far_ends);
    bench::Outcome outcome = generator.run();
    bench::print(outcome, options.at("per-flow") == "yes");
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "rtp_generator: %s\n", error.what());
    return 1;
  }
}
